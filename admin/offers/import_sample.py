"""A file of offers to begin with, for those who import (C2)."""

import csv
import io
from datetime import datetime, timedelta

from litestar import Response, get
from litestar.di import NamedDependency

from web.kit.portal import Portal
from workflow.recruiters.queries import StaffMember, units

_SAMPLE = (
    "reference",
    "title_fr",
    "title_en",
    "description_fr",
    "description_en",
    "contract_type",
    "contract_code",
    "unit_code",
    "city",
    "region_code",
    "country",
    "date_published",
    "date_deadline",
    "date_start",
    "duration_months",
    "work_time",
    "salary_text",
    "education_level",
    "experience",
    "contact_email",
    "positions",
)


@get("/offers/import/sample.csv")
async def sample(
    portal: NamedDependency[Portal], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[str]:
    """A file that can be imported as it is, into the first of one's own units."""
    today = now.astimezone(portal.zone).date()
    own = await units(staff.unit_ids)
    row = {
        "reference": f"{today.year}-SAMPLE-1",
        "title_fr": "Ingénieur·e chimiste",
        "title_en": "Chemical engineer",
        "description_fr": "Vous analysez les échantillons du laboratoire.",
        "description_en": "You analyse the samples of the laboratory.",
        "contract_type": "technical_admin",
        "contract_code": "fixed_term",
        "unit_code": own[0].code if own else "LAB1",
        "city": "Brest",
        "region_code": "53",
        "country": "FR",
        "date_published": today.isoformat(),
        "date_deadline": (today + timedelta(days=30)).isoformat(),
        "duration_months": "24",
        "salary_text": "2 300 €",
        "positions": "1",
    }
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _SAMPLE, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerow(row)
    headers = {"Content-Disposition": 'attachment; filename="offers.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv", headers=headers)
