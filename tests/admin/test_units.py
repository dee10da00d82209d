"""Units: made and changed by administrators, with every mistake beside its field."""

from tests.admin.conftest import Laboratories, Visiting
from workflow.audit.tables import AuditEntry
from workflow.recruiters.tables import Unit

FORM = {
    "code": "LAB3",
    "name": "Laboratoire trois",
    "city": "Nice",
    "region": "93",
    "contact_email": "lab3@example.org",
    "waiting_days": "10",
}


async def test_administrators_make_and_change_units(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as visitor:
        made = await visitor.submit("/console/units/new", **FORM)
        again = await visitor.submit("/console/units/new", **FORM)
        (unit,) = await Unit.select().where(Unit.code == "LAB3")
        changed = await visitor.submit(
            f"/console/units/{unit['id']}", **{**FORM, "name": "Lab 3", "code": "X"}
        )
        page = (await visitor.get("/console/units")).text
    assert (made.status_code, again.status_code, changed.status_code) == (303, 422, 303)
    assert "There is a unit with this code already." in again.text
    assert ("Lab 3" in page, "10 days" in page) == (True, True)
    assert await AuditEntry.select(AuditEntry.action, AuditEntry.before).where(
        AuditEntry.subject_type == "unit"
    ).order_by(AuditEntry.id) == [
        {"action": "unit.created", "before": "{}"},
        {"action": "unit.edited", "before": '{"name": "Laboratoire trois"}'},
    ]


async def test_mistakes_are_told_and_the_input_kept(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as visitor:
        answer = await visitor.submit(
            "/console/units/new", **{**FORM, "name": "", "waiting_days": "0", "contact_email": "nobody"}
        )
    assert answer.status_code == 422
    assert [
        f'id="{name}-problem"' in answer.text for name in ("name", "waiting_days", "contact_email", "city")
    ] == [
        True,
        True,
        True,
        False,
    ]
    assert 'value="LAB3"' in answer.text
    assert await Unit.count() == 2


async def test_nobody_else_finds_them(laboratories: Laboratories, visiting: Visiting) -> None:
    unit = laboratories.units[0]
    async with visiting("rose") as visitor:
        answers = [
            (await visitor.get("/console/units")).status_code,
            (await visitor.get(f"/console/units/{unit}")).status_code,
            (await visitor.submit("/console/units/new", **FORM)).status_code,
            (await visitor.submit(f"/console/units/{unit}", **FORM)).status_code,
        ]
    assert answers == [404] * 4
