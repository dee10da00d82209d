"""Takes orders, one JSON object a line, and answers each by one: `prepare` makes applications, `run` moves them."""

import itertools
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.peer.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402  # Django is set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks.peer import moving  # noqa: E402
from benchmarks.peer.models import Application, Candidate, Membership, Offer, Unit  # noqa: E402

_OFFERS = 50
_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_WAYS = {"fire": moving.consider, "command": moving.consider_authorised}


class Peer:
    """A portal of one unit, one recruiter, fifty offers, and as many candidates as its applications need."""

    def __init__(self) -> None:
        call_command("migrate", "django_fsm_log", verbosity=0)  # and the users that ours refer to
        call_command("migrate", run_syncdb=True, verbosity=0)
        unit = Unit.objects.create(code="LAB1", name="Laboratory LAB1", contact_email="lab1@example.org")
        user = User.objects.create(username="rose@example.org")
        Membership.objects.create(user=user, unit=unit)
        self.staff = moving.Staff(user, frozenset({unit.pk}))
        self.offers = [self._offer(unit, number) for number in range(_OFFERS)]
        self.pairs = self._pairs()
        self.waiting: list[int] = []
        self.threads = ThreadPoolExecutor(64)

    def _offer(self, unit: Unit, number: int) -> Offer:
        return Offer.objects.create(
            reference=f"REF-{number}",
            unit=unit,
            title_fr="Chimiste (H/F)",
            title_en="Chemist",
            description_fr="Une mission.",
            description_en="A mission.",
            job_type="scientific",
            region="53",
            city="Brest",
            closes_on=date(2026, 4, 1),
        )

    def _pairs(self) -> Iterator[tuple[Candidate, Offer]]:
        for number in itertools.count():
            candidate = Candidate.objects.create(
                email=f"candidate{number}@example.org",
                title="ms",
                first_name="Chloé",
                last_name="Martin",
                language="fr",
            )
            for offer in self.offers:
                yield candidate, offer

    def prepare(self, count: int) -> None:
        with transaction.atomic():
            made = [
                Application.objects.create(
                    candidate=candidate,
                    offer=offer,
                    covering_letter_text="I would like to join you.",
                    submitted_at=_NOW,
                )
                for candidate, offer in itertools.islice(self.pairs, count)
            ]
        self.waiting.extend(application.pk for application in made)

    def run(self, way: str, at_once: int) -> dict[str, Any]:
        """Move everything that waits; each thread has a connection that stays."""
        move = _WAYS[way]
        ids, self.waiting = self.waiting, []

        def one(application_id: int) -> float:
            began = time.perf_counter()
            move(application_id, self.staff, expected_version=1, now=_NOW)
            return time.perf_counter() - began

        def some(share: list[int]) -> list[float]:
            return [one(application_id) for application_id in share]

        began, computed = time.perf_counter(), time.process_time()
        if at_once == 1:
            latencies = some(ids)
        else:
            shares = [ids[start::at_once] for start in range(at_once)]
            latencies = [each for share in self.threads.map(some, shares) for each in share]
        return {
            "seconds": time.perf_counter() - began,
            "latencies": latencies,
            "computing": time.process_time() - computed,
        }

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        if order["do"] == "prepare":
            self.prepare(order["count"])
            return {}
        return self.run(order["way"], order["at_once"])


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what Django prints goes elsewhere
    try:
        peer = Peer()
        print(json.dumps({"ready": django.get_version(), "database": connection.vendor}), file=answers)
        for line in sys.stdin:
            print(json.dumps(peer.answer(json.loads(line))), file=answers)
    except Exception:  # noqa: BLE001  # whoever started this process raises it again
        print(json.dumps({"error": traceback.format_exc()}), file=answers)


if __name__ == "__main__":
    main()
