"""The same nouns as Vivier's, as wide as they are where a move reads them, with the same indexes where they matter.

Subjects have numbers, not UUIDs: the log of django-fsm-log can refer to nothing else.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition
from django_fsm_log.decorators import fsm_log_by, fsm_log_description


class Unit(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=300)
    contact_email = models.CharField(max_length=320)


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)


class Offer(models.Model):
    reference = models.CharField(max_length=60, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    title_fr = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    description_fr = models.TextField()
    description_en = models.TextField()
    job_type = models.CharField(max_length=40)
    region = models.CharField(max_length=10)
    city = models.CharField(max_length=120)
    closes_on = models.DateField()


class Candidate(models.Model):
    email = models.CharField(max_length=320, unique=True)
    title = models.CharField(max_length=10)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    language = models.CharField(max_length=8)


class Application(models.Model):
    """submitted → under consideration → rejected | successful, or withdrawn by the candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT)
    status = FSMField(default="submitted", protected=True)
    version = models.IntegerField(default=1)
    covering_letter_text = models.TextField()
    submitted_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["offer", "status"])]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["candidate", "offer"], condition=~models.Q(status="withdrawn"), name="one_live"
            )
        ]

    @fsm_log_by
    @fsm_log_description
    @transition(field=status, source="submitted", target="under_consideration")
    def consider(self, by: Any = None, description: str | None = None) -> None:
        pass

    @fsm_log_by
    @fsm_log_description
    @transition(field=status, source="under_consideration", target="successful")
    def accept(self, by: Any = None, description: str | None = None) -> None:
        pass

    @fsm_log_by
    @fsm_log_description
    @transition(field=status, source="under_consideration", target="rejected")
    def reject(self, by: Any = None, description: str | None = None) -> None:
        pass

    @fsm_log_by
    @fsm_log_description
    @transition(field=status, source=["submitted", "under_consideration"], target="withdrawn")
    def withdraw(self, by: Any = None, description: str | None = None) -> None:
        pass

    @fsm_log_by
    @fsm_log_description
    @transition(field=status, source=["rejected", "successful"], target="under_consideration")
    def reopen(self, by: Any = None, description: str | None = None) -> None:
        pass


class Outbox(models.Model):
    kind = models.CharField(max_length=60)
    dedup_key = models.CharField(max_length=200, unique=True)
    recipient = models.CharField(max_length=320, null=True)
    language = models.CharField(max_length=8, null=True)
    params = models.JSONField()
    subject_type = models.CharField(max_length=40, null=True)
    subject_id = models.BigIntegerField(null=True)
    subject_version = models.IntegerField(null=True)
    state = models.CharField(max_length=20, default="pending")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    rendered = models.BinaryField(null=True)
    receipt = models.TextField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["pending", "claimed"]), name="outbox_due"
            ),
            models.Index(fields=["subject_id", "subject_version"], name="outbox_subject"),
        ]
