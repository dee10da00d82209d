"""Everything that the audit can hold, with its name: what is not here is not recorded, and what is recorded is read."""

from collections.abc import Mapping

from workflow.language import N_

SUBJECTS: Mapping[str, str] = {
    "application": N_("Applications"),
    "offer": N_("Offers"),
    "recruiter": N_("People"),
    "unit": N_("Units"),
    "paragraph": N_("Saved paragraphs"),
    "synonyms": N_("Synonyms"),
    "batch": N_("Many at once"),
    "mail": N_("Mails"),
    "export": N_("Exports"),
    "webhook": N_("Webhooks"),
}
"""What can be changed, by type."""

ACTIONS: Mapping[str, str] = {
    "applications.exported": N_("Exported applications"),
    "batch.started": N_("Started many moves"),
    "batch.stopped": N_("Stopped many moves"),
    "mail.noted_as_sent": N_("Noted that a mail had gone out"),
    "mail.retried": N_("Sent a mail again"),
    "note.written": N_("Wrote a note"),
    "note.deleted": N_("Deleted a note"),
    "offer.created": N_("Made an offer"),
    "offer.duplicated": N_("Duplicated an offer"),
    "offer.edited": N_("Changed an offer"),
    "offer.extended": N_("Changed an offer's last day"),
    "offer.imported": N_("Imported an offer"),
    "offer.scheduled": N_("Set when an offer publishes itself"),
    "offers.exported": N_("Exported offers"),
    "paragraph.made": N_("Saved a paragraph"),
    "paragraph.edited": N_("Changed a paragraph"),
    "paragraph.deleted": N_("Deleted a paragraph"),
    "rating.given": N_("Rated an application"),
    "rating.cleared": N_("Took a rating back"),
    "recruiter.created": N_("Made an account"),
    "recruiter.invited": N_("Invited somebody"),
    "recruiter.invited_again": N_("Sent an invitation again"),
    "recruiter.joined": N_("Joined"),
    "recruiter.changed": N_("Changed somebody's account"),
    "recruiter.closed": N_("Closed an account"),
    "recruiter.reopened": N_("Opened an account again"),
    "recruiter.details_changed": N_("Changed the own account"),
    "recruiter.password_changed": N_("Changed the own password"),
    "recruiter.recovery_codes_renewed": N_("Made new recovery codes"),
    "recruiter.second_factor_on": N_("Set up a second factor"),
    "recruiter.second_factor_moved": N_("Moved the second factor"),
    "recruiter.second_factor_off": N_("Turned the second factor off"),
    "recruiter.second_factor_reset": N_("Removed somebody's second factor"),
    "synonyms.saved": N_("Changed the synonyms"),
    "unit.created": N_("Made a unit"),
    "unit.edited": N_("Changed a unit"),
    "webhook.made": N_("Added a webhook"),
    "webhook.edited": N_("Changed a webhook"),
    "webhook.secret_renewed": N_("Made a new secret for a webhook"),
    "webhook.stopped": N_("Stopped a webhook"),
    "webhook.resumed": N_("Let a webhook go on"),
    "webhook.tested": N_("Sent a test to a webhook"),
    "webhook.replayed": N_("Sent messages of a webhook again"),
    "webhook.deleted": N_("Deleted a webhook"),
}
"""What is done → what the audit says of whoever did it. Moves have their names from the machines."""
