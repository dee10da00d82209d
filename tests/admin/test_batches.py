"""Many at once in the console: chosen, previewed, confirmed once, watched, reported, undone; others' are not there."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import Response

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting, Visitor
from tests.web.site import ON_SQLITE
from workflow.applications.commands import move_application
from workflow.applications.tables import Application
from workflow.batches.commands import MOST
from workflow.batches.moving import carry_out
from workflow.batches.tables import Batch, BatchItem
from workflow.engine.tables import Outbox
from workflow.reviews.paragraphs import save_paragraph

NEW = "/console/batches/new"


async def post(visitor: Visitor, path: str, **fields: Any) -> Response:
    """A form whose fields may have several values."""
    await visitor.get("/console/batches")
    token = visitor.client.cookies["vivier_csrf"]
    return await visitor.client.post(path, data={**fields, "_csrf_token": token})


def hidden(page: Response) -> dict[str, str]:
    """What the form of a preview sends along."""
    form = page.text.partition('class="stack batch"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    del found["_csrf_token"]
    return found


def words(page: Response) -> str:
    """What the main part says."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


async def carried_out(laboratories: Laboratories) -> UUID:
    """Carry out the newest batch, as the worker does."""
    row = await Batch.select(Batch.id).where(Batch.finished_at.is_null()).first()
    assert row
    house = laboratories.house
    await carry_out(row["id"], terms=house.terms, clock=lambda: house.now, is_enough=lambda: False)
    found: UUID = row["id"]
    return found


async def consider(laboratories: Laboratories, number: int) -> None:
    house = laboratories.house
    await move_application(
        laboratories.staff["ada"],
        laboratories.applications[number],
        "consider",
        terms=house.terms,
        now=house.now,
    )


async def statuses(laboratories: Laboratories) -> list[str]:
    rows = await Application.select(Application.id, Application.status)
    by_id = {row["id"]: row["status"] for row in rows}
    return [by_id[each] for each in laboratories.applications]


async def test_chosen_previewed_confirmed_and_reported(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    one, other, foreign = map(str, laboratories.applications)
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=[one, other, foreign], event="consider")
        assert (preview.status_code, await Batch.count()) == (200, 0)
        said = words(preview)
        assert "Take 2 applications under consideration" in said
        assert "2 applications were chosen 2 will move" in said
        assert ("Chloé Martin" in said, "Omar" in said) == (True, False)
        assert "French 2 As Chloé Martin will read it:" in said
        assert "They are told at once." in said
        begun = await post(rose, "/console/batches", **hidden(preview))
        address = begun.headers["location"]
        assert (begun.status_code, clock.nudges) == (303, [clock.now])
        under_way = await rose.get(address)
        assert "0 of 2 done" in words(under_way)
        assert '<meta http-equiv="refresh" content="2">' in under_way.text
        assert await carried_out(laboratories) == UUID(address.rpartition("/")[2])
        report = await rose.get(address)
        assert "All 2 applications moved. 2 candidates were told." in words(report)
        assert f'href="/console/applications/{one}"' in report.text
        assert "http-equiv" not in report.text
        assert "2 moved" in words(await rose.get("/console/batches"))
    assert await statuses(laboratories) == ["under_consideration", "under_consideration", "submitted"]


async def test_confirming_twice_starts_it_once(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=str(laboratories.applications[0]), event="consider")
        answers = [await post(rose, "/console/batches", **hidden(preview)) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (await Batch.count(), await BatchItem.count()) == (1, 1)


async def test_rejecting_asks_why_and_offers_both_steps(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await consider(laboratories, 0)
    chosen = [str(each) for each in laboratories.applications]
    async with visiting("ada") as ada:
        preview = await post(ada, NEW, application=chosen, event="reject")
        said = words(preview)
        assert "1 will move" in said
        assert "2 are not under consideration yet" in said
        assert "each of these candidates gets two mails" in said
        assert "They are told at 10:45, if you confirm now." in said
        assert re.search(r'<span class="batch-few">Reject 1 application</span>', preview.text)
        assert re.search(r'<span class="batch-all">Reject 3 applications</span>', preview.text)
        without = await post(ada, "/console/batches", **hidden(preview), via="yes", paragraph_fr="Merci.")
        assert (without.status_code, await Batch.count()) == (422, 0)
        assert "Say why, in a sentence or two." in words(without)
        assert ("Merci." in without.text, 'value="yes" checked' in without.text) == (True, True)
        begun = await post(
            ada, "/console/batches", **hidden(without), via="yes", note="Full.", paragraph_fr="Merci."
        )
        await carried_out(laboratories)
        report = words(await ada.get(begun.headers["location"]))
    assert (
        "All 3 applications moved. 2 of them took two steps. 3 candidates are told from 10:45 on." in report
    )
    assert await statuses(laboratories) == ["rejected"] * 3
    told = await Outbox.select(Outbox.kind, Outbox.params).where(Outbox.kind == "application_rejected")
    assert ["Merci." in str(row["params"]) for row in told] == [True] * 3


@ON_SQLITE
async def test_those_that_need_two_steps_stay_unless_asked_for(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await consider(laboratories, 0)
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=chosen, event="reject")
        await post(rose, "/console/batches", **hidden(preview), note="Full.")
        await carried_out(laboratories)
        only = await post(rose, NEW, application=chosen[1], event="reject")
        assert "Reject 1 application" in words(only)
        assert hidden(only)["via"] == "yes"
    assert await statuses(laboratories) == ["rejected", "submitted", "submitted"]


@ON_SQLITE
async def test_who_cannot_move_is_named_with_the_reason(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await consider(laboratories, 0)
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=chosen, event="consider")
        assert "1 cannot move It stands there already. (1) Chloé Martin" in words(preview)
        nobody = await post(rose, NEW, application=chosen[0], event="consider")
        assert "nobody can move" in words(nobody)
        assert "batch-go" not in nobody.text
        refused = await post(rose, "/console/batches", **hidden(nobody))
    assert (refused.status_code, await Batch.count()) == (422, 0)


async def test_what_somebody_moved_in_between_is_reported(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=chosen, event="consider")
        begun = await post(rose, "/console/batches", **hidden(preview))
        await consider(laboratories, 1)
        await carried_out(laboratories)
        report = words(await rose.get(begun.headers["location"]))
    assert "1 application moved, 1 could not." in report
    assert "Somebody or something moved it meanwhile. (1) Zoé Martin" in report


@ON_SQLITE
async def test_words_are_shown_in_the_mail_before_it_goes(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=chosen, event="consider")
        again = await post(
            rose, NEW, **hidden(preview), paragraph_fr="À bientôt <b>peut-être</b>.", paragraph_en="x" * 3001
        )
        assert again.status_code == 200
        mail = again.text.partition('<pre class="mail-text"')[2].partition("</pre>")[0]
        assert "À bientôt &lt;b&gt;peut-être&lt;/b&gt;." in mail
        assert hidden(again)["batch"] == hidden(preview)["batch"]
        refused = await post(rose, "/console/batches", **hidden(again), paragraph_en="x" * 3001)
        assert (refused.status_code, await Batch.count()) == (422, 0)


@ON_SQLITE
async def test_saved_paragraphs_are_inserted(laboratories: Laboratories, visiting: Visiting) -> None:
    staff, now = laboratories.staff, laboratories.house.now
    for unit, name in zip(laboratories.units, ("Ours", "Theirs"), strict=True):
        data = {"unit": str(unit), "event": "consider", "language": "fr", "name": name, "words": f"<{name}>"}
        await save_paragraph(staff["ada"], data, now=now)
    chosen = str(laboratories.applications[0])
    async with visiting("ada") as ada:
        preview = await post(ada, NEW, application=chosen, event="consider")
        (offered,) = re.findall(r'<option value="(\d+)"[^>]*>Ours</option>', preview.text)
        assert "Theirs" not in preview.text
        inserted = await post(
            ada, NEW, **hidden(preview), paragraph_fr="Bonjour.", saved_fr=offered, insert="fr"
        )
    area = html.unescape(inserted.text.partition('name="paragraph_fr"')[2].partition("</textarea>")[0])
    assert "Bonjour.\n\n<Ours>" in area
    assert "&lt;Ours&gt;" in inserted.text.partition('<pre class="mail-text"')[2].partition("</pre>")[0]


async def test_everything_that_a_filter_leaves(laboratories: Laboratories, visiting: Visiting) -> None:
    await consider(laboratories, 0)
    async with visiting("ada") as ada:
        everything = await post(ada, NEW, everything="yes", offer="REF-1", event="consider")
        assert "2 applications were chosen 1 will move" in words(everything)
        linked = await ada.get(f"{NEW}?everything=yes&offer=REF-1&status=submitted&event=consider")
        assert "1 application was chosen 1 will move" in words(linked)
        begun = await post(ada, "/console/batches", **hidden(linked))
        assert (begun.status_code, await BatchItem.count()) == (303, 1)


@ON_SQLITE
async def test_the_others_of_an_offer_that_are_still_to_be_decided(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await consider(laboratories, 0)
    house, staff = laboratories.house, laboratories.staff["rose"]
    await move_application(staff, laboratories.applications[0], "accept", terms=house.terms, now=house.now)
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, everything="yes", live="yes", offer="REF-1", event="reject")
    assert "1 application was chosen 1 is not under consideration yet" in words(preview)
    assert "Chloé" not in words(preview)


@ON_SQLITE
async def test_event_is_chosen_with_the_numbers_that_could_move(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await consider(laboratories, 0)
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        choosing = await post(rose, NEW, application=chosen)
        said = words(choosing)
        assert "What shall happen to 2 applications?" in said
        assert "Take under consideration… 1 can move" in said
        assert "Reject… 2 can move, 1 of them in two steps" in said
        assert "Undo… Nobody can move" in said
        items = re.search(r'name="items" value="([^"]+)"', choosing.text)
        assert items
        preview = await post(rose, NEW, items=items[1], event="consider")
    assert "2 applications were chosen 1 will move" in words(preview)


@ON_SQLITE
async def test_nobody_chosen_leads_back_to_the_board(laboratories: Laboratories, visiting: Visiting) -> None:
    strange: list[dict[str, Any]] = [
        {},
        {"event": "reject"},
        {"application": ["no-uuid", ""], "event": "consider"},
        {"items": "???", "batch": "x", "event": "consider"},
        {"items": "AAAA", "event": "consider"},
        {"application": str(laboratories.applications[2]), "event": "consider"},
    ]
    async with visiting("rose") as rose:
        for fields in strange:
            shown = await post(rose, NEW, **fields)
            assert (shown.status_code, "Choose applications first" in words(shown)) == (200, True), fields
            started = await post(rose, "/console/batches", **fields)
            assert started.status_code == 422, fields
        assert "Choose applications first" in words(await rose.get(NEW))
        unknown = await post(rose, NEW, application=str(laboratories.applications[0]), event="cancel")
        assert "What shall happen to 1 application?" in words(unknown)
    assert await Batch.count() == 0


@ON_SQLITE
async def test_too_many_are_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        many = await post(rose, NEW, application=[str(UUID(int=each)) for each in range(MOST + 1)])
    assert (many.status_code, "Choose 10000 applications at most." in words(many)) == (422, True)


async def test_undone_from_the_report_until_they_are_told(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    for number in (0, 1):
        await consider(laboratories, number)
    chosen = [str(each) for each in laboratories.applications[:2]]
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=chosen, event="accept")
        address = (await post(rose, "/console/batches", **hidden(preview))).headers["location"]
        await carried_out(laboratories)
        assert "Undo all (2)" in words(await rose.get(address))
        undoing = str(uuid4())
        undone = [await post(rose, f"{address}/undo", batch=undoing) for _ in range(2)]
        assert {answer.headers["location"] for answer in undone} == {f"/console/batches/{undoing}"}
        await carried_out(laboratories)
        report = words(await rose.get(f"/console/batches/{undoing}"))
        assert "All 2 applications moved. Their candidates saw and got nothing." in report
        before = words(await rose.get(address))
        assert ("2 were taken back since." in before, "Undo all" in before) == (True, False)
        late = await post(rose, f"{address}/undo")
        clock.now += timedelta(hours=1)
        shown = await rose.get(late.headers["location"])
        assert "This decision has been told already" in shown.text
    assert await statuses(laboratories) == ["under_consideration", "under_consideration", "submitted"]


async def test_the_rest_is_stopped(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=str(laboratories.applications[0]), event="consider")
        address = (await post(rose, "/console/batches", **hidden(preview))).headers["location"]
        assert (await post(rose, f"{address}/stop")).headers["location"] == address
        await carried_out(laboratories)
        report = words(await rose.get(address))
    assert "No application moved." in report
    assert "The rest was stopped before its turn came. (1) Chloé Martin" in report


async def test_others_batches_are_not_there(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        preview = await post(rose, NEW, application=str(laboratories.applications[0]), event="consider")
        address = (await post(rose, "/console/batches", **hidden(preview))).headers["location"]
    seen = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            begun = await post(visitor, "/console/batches", **hidden(preview))
            seen[name] = (
                (await visitor.get(address)).status_code,
                address in (await visitor.get("/console/batches")).text,
                begun.status_code,
            )
            if name not in ("rose", "ada"):
                assert (await post(visitor, f"{address}/stop")).status_code == 404
                assert (await post(visitor, f"{address}/undo")).status_code == 404
    assert seen == {
        "rose": (200, True, 303),
        "ivan": (404, False, 404),
        "nina": (404, False, 404),
        "ada": (200, True, 404),
    }
