"""Something to fill each kind of mail with, so that it can be looked at before anybody gets one."""

from collections.abc import Mapping
from typing import Any

_PERSON = {"title": "ms", "first_name": "Zoé", "last_name": "Durand"}
_COLLEAGUE = {"first_name": "Rose", "last_name": "Martin"}
_OFFER = {
    "offer_title": "Ingénieur·e d’études en chimie des eaux",
    "offer_reference": "LAB1-2026-007",
    "unit_name": "Laboratoire des eaux",
}
_APPLICATION = _PERSON | _OFFER | {"application_id": "00000000-0000-0000-0000-000000000000"}
_MESSAGE = {"message": "Madame, Monsieur,\n\nJ’ai trouvé un autre poste. Merci de votre accueil."}
_PARAGRAPH = {"paragraph": "Nous vous attendons le lundi à 9 heures.\nL’accueil est au rez-de-chaussée."}
_DAY = {"day": "9.3.2026"}
_SITE = "https://careers.example.org"

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "account_confirmation": _PERSON | {"path": "/candidate/confirm/…"},
    "account_deleted": _PERSON | {"reason": "wish", "withdrawn": ["Chimiste (LAB1-2026-008)"]},
    "account_exists": _PERSON,
    "account_kept": _PERSON,
    "account_unused": _PERSON | _DAY,
    "alert_digest": _PERSON
    | {
        "frequency": "weekly",
        "number": 3,
        "more": 1,
        "offers": [
            ["Chimiste", "Brest", "Laboratoire des eaux", "31.3.2026", f"{_SITE}/offers/LAB1-2026-008", [0]],
            ["Technicien·ne", "Lyon", "Institut de chimie", "2.4.2026", f"{_SITE}/offers/IC-12", [0, 1]],
        ],
        "alerts": [
            [
                "chimie, Bretagne",
                f"{_SITE}/offers?keywords=chimie&region=53",
                f"{_SITE}/alerts/unsubscribe/…",
            ],
            ["technicien", f"{_SITE}/offers?keywords=technicien", f"{_SITE}/alerts/unsubscribe/…"],
        ],
        "unsubscribe_url": f"{_SITE}/alerts/unsubscribe/…",
    },
    "application_considered": _APPLICATION | _PARAGRAPH,
    "application_offer_cancelled": _APPLICATION,
    "application_received": _APPLICATION,
    "application_rejected": _APPLICATION,
    "application_reopened": _APPLICATION,
    "application_submitted": _APPLICATION,
    "application_successful": _APPLICATION | _PARAGRAPH,
    "application_withdrawn": _APPLICATION,
    "archive_ready": _PERSON | _DAY,
    "deletion_confirmation": _PERSON | {"path": "/candidate/delete-account/…"},
    "deletion_planned": _PERSON | _DAY,
    "email_changed": _PERSON,
    "new_email_asked": _PERSON,
    "new_email_confirmation": _PERSON
    | {"path": "/candidate/new-address/…", "account": "zoe.durand@example.org"},
    "new_password": _PERSON | {"password": "····-····-····-····"},
    "offer_waiting": _OFFER | {"waiting": 2},
    "password_changed": _PERSON,
    "recruiter_invitation": _COLLEAGUE | {"path": "/console/invitation/…", "inviter": "Ada Lefèvre"},
    "recruiter_password": _COLLEAGUE | {"path": "/console/password/…"},
    "recruiter_password_changed": _COLLEAGUE,
    "recruiter_second_factor": _COLLEAGUE | {"change": "reset"},
    "secret_question_changed": _PERSON,
    "weekly_waiting": _COLLEAGUE
    | {
        "waiting": 5,
        "overdue": 1,
        "offers": [
            ["Ingénieur·e d’études (LAB1-2026-007)", "Laboratoire des eaux", 3, 1, 16],
            ["Chimiste (LAB1-2026-008)", "Laboratoire des eaux", 2, 0, 4],
        ],
        "more": 0,
    },
    "withdrawal_message": _APPLICATION | _MESSAGE,
    "withdrawal_message_copy": _APPLICATION | _MESSAGE,
}
"""Kind of mail → parameters that nobody wrote; a preview of a kind shows what a mail of it looks like."""
