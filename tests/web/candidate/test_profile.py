"""The profile and its CV: A8."""

import re

from tests.web.site import ON_SQLITE, Site, problems, text_of
from tests.workflow.documents.making import pdf
from workflow.candidates.queries import PROFILE_FIELDS, candidate_by_id

NAMES = {"title": "ms", "first_name": "Chloé", "last_name": "Martin"}
WHOLE = NAMES | {
    "address": "1 quai du Port",
    "postal_code": "29200",
    "city": "Brest",
    "country": "FR",
    "phone": "+33 2 98 00 00 00",
    "nationality": "CA",
    "level": "DOC",
    "situation": "job_seeker",
    "languages": "French (native), English (C1)",
}


async def test_a_profile_is_saved_and_shown(site: Site) -> None:
    candidate = await site.candidate()
    answer = await candidate.post("/candidate/profile", WHOLE, {"cv": ("CV.pdf", pdf())})
    page = await candidate.follow(answer)
    assert "All saved." in text_of(page)
    saved = await candidate_by_id(await site.candidate_id())
    assert saved is not None
    assert {name: getattr(saved, name) for name in WHOLE} == WHOLE
    assert saved.completeness == 100
    for part in ('value="29200"', '<option value="CA" selected>', "CV.pdf", 'href="/candidate/profile/cv"'):
        assert part in page.text
    assert "Complete your profile" not in (await candidate.get("/candidate")).text


async def test_a_cv_can_be_read_replaced_and_removed(site: Site) -> None:
    candidate = await site.candidate()
    assert (await candidate.get("/candidate/profile/cv")).status_code == 404
    first = pdf()
    await candidate.post("/candidate/profile", NAMES, {"cv": ("Été.pdf", first)})
    file = await candidate.get("/candidate/profile/cv")
    assert (file.content, file.headers["content-type"]) == (first, "application/pdf")
    assert (
        file.headers["content-disposition"]
        == "attachment; filename=\"_t_.pdf\"; filename*=UTF-8''%C3%89t%C3%A9.pdf"
    )
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"

    await candidate.post("/candidate/profile", NAMES, {"cv": ("New.pdf", pdf())})
    assert "New.pdf" in (await candidate.get("/candidate/profile")).text
    await candidate.post("/candidate/profile", NAMES, {"cv": ("", b"")})
    assert "New.pdf" in (await candidate.get("/candidate/profile")).text
    await candidate.post("/candidate/profile", NAMES | {"remove_cv": "yes"})
    assert "New.pdf" not in (await candidate.get("/candidate/profile")).text


async def test_wrong_fields_and_a_refused_file_are_told_at_once(site: Site) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        "/candidate/profile",
        WHOLE | {"first_name": "", "country": "XX", "city": "x" * 121},
        {"cv": ("cv.pdf", b"<html>not a PDF</html>")},
    )
    assert answer.status_code == 422
    assert problems(answer) == {
        "cv": "This is not a PDF, DOCX or ODT file. Export your document as a PDF and send that.",
        "first_name": "Fill in this field.",
        "country": "“XX” is not in the list. Choose one of it.",
        "city": "Use 120 characters at most; there are 121.",
    }
    assert 'value="29200"' in answer.text


async def test_a_file_that_is_too_large_is_named(site: Site) -> None:
    candidate = await site.candidate()
    answer = await candidate.post("/candidate/profile", NAMES, {"cv": ("cv.pdf", bytes(9 * 1024 * 1024))})
    assert (answer.status_code, problems(answer)) == (
        422,
        {"cv": "What you sent is larger than the 8 MB that we can take."},
    )


async def test_saving_goes_on_to_where_one_came_from_and_nowhere_else(site: Site) -> None:
    candidate = await site.candidate()
    for wanted, location in (("/offers/REF-1", "/offers/REF-1"), ("//evil.example", "/candidate/profile")):
        answer = await candidate.post("/candidate/profile", NAMES | {"next": wanted})
        assert answer.headers["location"] == location


async def test_a_profile_says_how_complete_it_is_and_what_could_still_be_told(site: Site) -> None:
    candidate = await site.candidate()

    async def asked_for() -> tuple[str, list[str]]:
        page = await candidate.get("/candidate/profile")
        said = re.search(r"Your profile is [^.]*\.", text_of(page))
        assert said is not None
        return said[0], re.findall(r'<a href="#(\w+)">', page.text.partition('<form class="form"')[0])

    everything = ["cv", *(name for name in PROFILE_FIELDS if name not in NAMES)]
    percent, fields = await asked_for()
    assert (percent, sorted(fields)) == ("Your profile is 0% complete.", sorted(everything))
    await candidate.post("/candidate/profile", WHOLE | {"phone": ""}, {"cv": ("CV.pdf", pdf())})
    assert await asked_for() == ("Your profile is 90% complete.", ["phone"])
    await candidate.post("/candidate/profile", WHOLE)
    assert await asked_for() == ("Your profile is complete.", [])


@ON_SQLITE
async def test_a_phone_that_is_none_and_languages_without_words_are_told(site: Site) -> None:
    candidate = await site.candidate()
    answer = await candidate.post("/candidate/profile", NAMES | {"phone": "by mail", "languages": "12"})
    assert problems(answer) == {
        "phone": "Write a phone number, such as +33 1 23 45 67 89.",
        "languages": "Write this in words.",
    }


@ON_SQLITE
async def test_a_name_is_no_web_address(site: Site) -> None:
    candidate = await site.candidate()
    answer = await candidate.post("/candidate/profile", NAMES | {"last_name": "See https://evil.example"})
    assert (answer.status_code, problems(answer)) == (
        422,
        {"last_name": "Write a name on one line, without a web address."},
    )


async def test_a_form_with_something_wrong_takes_nothing_away(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post("/candidate/profile", NAMES, {"cv": ("Old.pdf", pdf())})
    wrong = {"city": "Brest", "phone": "by mail", "remove_cv": "yes"}
    answer = await candidate.post("/candidate/profile", NAMES | wrong)
    assert (answer.status_code, set(problems(answer))) == (422, {"phone"})
    assert "Old.pdf" in answer.text
    assert re.search(r'name="remove_cv"[^>]* checked', answer.text)
    page = await candidate.get("/candidate/profile")
    assert ("Old.pdf" in page.text, 'value="Brest"' in page.text) == (True, False)


async def test_a_refused_cv_leaves_the_profile_as_it_was(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post("/candidate/profile", NAMES | {"city": "Brest"}, {"cv": ("Old.pdf", pdf())})
    answer = await candidate.post(
        "/candidate/profile", NAMES | {"city": "Nantes"}, {"cv": ("New.pdf", b"no PDF at all")}
    )
    assert (answer.status_code, set(problems(answer))) == (422, {"cv"})
    assert 'value="Nantes"' in answer.text
    assert "is saved" not in text_of(answer)
    page = await candidate.get("/candidate/profile")
    assert ("Old.pdf" in page.text, 'value="Brest"' in page.text) == (True, True)


async def test_a_new_cv_is_kept_and_told_though_the_rest_is_to_be_mended(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post("/candidate/profile", NAMES | {"city": "Brest"}, {"cv": ("Old.pdf", pdf())})
    wrong = {"city": "Nantes", "phone": "by mail", "remove_cv": "yes"}
    answer = await candidate.post("/candidate/profile", NAMES | wrong, {"cv": ("New.pdf", pdf())})
    assert (answer.status_code, set(problems(answer))) == (422, {"phone"})
    assert "Your CV is saved. The rest is not saved yet." in text_of(answer)
    assert not re.search(r'name="remove_cv"[^>]* checked', answer.text)
    page = await candidate.get("/candidate/profile")
    assert ("New.pdf" in page.text, 'value="Brest"' in page.text) == (True, True)
