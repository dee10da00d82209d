"""Words that break naive programs, through every form of the Candidate Area and the API.

Each is kept as it was typed (but for what the checks clean away) and shown as words, or is refused beside its field.
"""

import json
from html.parser import HTMLParser

import httpx
import pytest

from tests.support.house import PASSWORD
from tests.web.api.program import candidate, fields
from tests.web.candidate.test_journey import REGISTRATION
from tests.web.candidate.test_profile import NAMES
from tests.web.site import ON_SQLITE, Site, Visitor, problems, text_of
from web.kit.security import CSRF_COOKIE
from workflow.candidates.tables import Registration
from workflow.checks import clean_line, clean_text
from workflow.engine.tables import Outbox

pytestmark = ON_SQLITE

WORDS = {
    "world": (
        "李小龍",
        "Nguyễn Thị Minh Khai",
        "O'Brien-Łukasiewicz",
        "محمد بن سلمان",
        "Ægir Þór Ðögg",
        "Rhoshandiatellyneshiaunneveshenk",
        "Björk Guðmundsdóttir",
        "அகிலா",
        "Αλέξανδρος",
        "Ng",
        "X Æ A-12",
        "Null",
        "undefined",
        "de la Véga y Ortiz, Jr.",
    ),
    "directions": ("\u202egpj.exe", "abc\u2067def\u2069", "\u200fשלום\u200e world", "\u202btest\u202b"),
    "invisible": ("A\u200bB", "A\u00adB", "می\u200cخواهم", "\ufeffBOM", "A\u2060B", "\u3164A", "A\U000e0041"),
    "combining": ("e\u0301", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "ﬁ ﷽ ﷺ", "Å vs Å", "각"),
    "control": ("a\0b", "a\x01\x07\x1b[31mb", "a\tb\x0bc\x0cd", "a\x7fb\x85c\x9bd", "one\r\ntwo\rthree\nfour"),
    "emoji": ("👩🏽‍🔬", "🇫🇷🇪🇺", "❤️ 🤷🏿‍♂️", "\U0001f4a9" * 20, "\ue000\uf8ff"),
    "long": ("x" * 100, "x" * 101, "é" * 5_000, "W " * 9_000, "a\n" * 20_000),
    "markup": (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'; alert(1) //",
        "</textarea></title></style><svg onload=alert(1)>",
        "<!--", "]]>", "&lt;b&gt; &amp;amp; &#x27;",
        "javascript:alert(1)",
        "<a href='data:text/html,x'>x</a>",
    ),
    "commands": (
        "'; DROP TABLE candidate; --",
        '1" OR "1"="1',
        "%27%20OR%201=1",
        "{{ 7 * 7 }}{% include '/etc/passwd' %}",
        "${7*7} #{7*7} <%= 7 * 7 %>",
        "{name} {0.__class__} %(name)s %s %n",
        "$(touch /tmp/x) `id` | ls; ls",
        "../../../../etc/passwd",
        "CON .htaccess",
    ),
    "formulas": ("=1+1", '=HYPERLINK("http://evil.example","x")', "+33", "-2+3", "@SUM(1)", "\t=1"),
    "headers": ("Eve\r\nBcc: all@example.org", "Eve\nSet-Cookie: a=b", "Eve%0d%0aX: y", "=?utf-8?q?Eve?="),
}  # fmt: skip
ODD_ADDRESSES = (
    "plain",
    "@example.org",
    "a@",
    "a@b@example.org",
    "a b@example.org",
    ".a@example.org",
    "a..b@example.org",
    '"a b"@example.org',
    "a@[127.0.0.1]",
    "a@-example.org",
    "a@example.org\r\nBcc: b@example.org",
    "a@example.org,b@example.org",
    "Eve <a@example.org>",
    "a@example.org>",
    "ä@example.org",
    "a@" + "x" * 250 + ".org",
    "a@xn--.org",
    "<script>@example.org",
)
GOOD_ADDRESSES = (
    ("first.last+tag@example.org", "first.last+tag@example.org"),
    ("O'Brien_1@EXAMPLE.org", "O'Brien_1@example.org"),
    (" spaced@example.org ", "spaced@example.org"),
    ("nul\0@example.org", "nul@example.org"),
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("full@ｅxample.org", "full@example.org"),
    ("{{7*7}}@example.org", "{{7*7}}@example.org"),
)
PARTS = {"base", "button", "form", "iframe", "img", "input", "link", "object", "script", "style", "title"}
every_sort = pytest.mark.parametrize("sort", WORDS)


class Page(HTMLParser):
    """What a browser makes of a page: its tags, and what stands in its fields."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fields: dict[str, str] = {}
        self._writing = ""
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        if tag == "input" and known.get("type") not in {"radio", "checkbox", "file", "password"}:
            self.fields[known.get("name") or ""] = known.get("value") or ""
        if tag == "textarea":
            self._writing = known.get("name") or ""
            self.fields[self._writing] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._writing] = self.fields[self._writing].removeprefix("\n")
            self._writing = ""

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.fields[self._writing] += data

    def holds(self, **typed: str) -> bool:
        return {name: self.fields.get(name) for name in typed} == typed

    @property
    def parts(self) -> dict[str, int]:
        """How many there are of what words must never become."""
        return {tag: self.tags.count(tag) for tag in sorted(PARTS)}


@pytest.fixture
async def chloe(site: Site, offer: str) -> Visitor:
    return await site.candidate()


@every_sort
async def test_a_profile_keeps_words_or_says_what_is_wrong_with_them(chloe: Visitor, sort: str) -> None:
    parts = Page(await chloe.get("/candidate/profile")).parts
    for text in WORDS[sort]:
        for name in ("first_name", "last_name", "address", "postal_code", "city", "phone", "languages"):
            answer = await chloe.post("/candidate/profile", NAMES | {name: text})
            if answer.status_code == 422:
                page, kept = Page(answer), text
                assert set(problems(answer)) == {name}, (name, text)
            else:
                page, kept = Page(await chloe.follow(answer)), clean_line(text)
            assert page.holds(**{name: kept}), (name, text)
            assert page.parts == parts, (name, text)


@every_sort
async def test_a_registration_keeps_words_or_says_what_is_wrong_with_them(site: Site, sort: str) -> None:
    visitor = await site.visitor()
    parts = Page(await visitor.get("/candidate/register")).parts
    names = ("first_name", "last_name", "own_secret_question")
    for number, text in enumerate(WORDS[sort][::3]):
        email = f"{number}@example.org"
        form = REGISTRATION | {"email": email, "email_again": email} | dict.fromkeys(names, text)
        answer = await visitor.post("/candidate/register", form | {"secret_answer": text})
        if answer.status_code == 422:
            page = Page(answer)
            assert set(problems(answer)) <= {*names, "secret_answer"}, text
            assert page.holds(**dict.fromkeys(names, text)), text
            assert page.parts == parts, text
            continue
        assert answer.status_code == 200, text
        saved = await Registration.select(
            Registration.first_name, Registration.last_name, Registration.secret_question
        ).where(Registration.email == email)
        assert [set(row.values()) for row in saved] == [{clean_line(text)}], text
        assert (await visitor.post(await site.link())).status_code == 303
        area = await visitor.get("/candidate/account")
        assert clean_line(text) in text_of(area) or len(text.split()) > 100, text
        assert Page(area).parts["script"] == parts["script"], text
        await visitor.post("/candidate/logout")


@every_sort
async def test_an_account_keeps_words_or_says_what_is_wrong_with_them(chloe: Visitor, sort: str) -> None:
    path = "/candidate/account/secret-question"
    parts = Page(await chloe.get(path)).parts
    for text in WORDS[sort][1::4]:
        form = {"own_secret_question": text, "secret_answer": text, "current_password": PASSWORD}
        answer = await chloe.post(path, form)
        kept = clean_line(text)
        if answer.status_code == 422:
            kept = text
            assert set(problems(answer)) <= {"own_secret_question", "secret_question", "secret_answer"}, text
        else:
            assert answer.status_code == 303, text
            answer = await chloe.get(path)
        page = Page(answer)
        assert page.holds(own_secret_question=kept), text
        assert page.parts == parts, text


@every_sort
async def test_an_application_keeps_words_and_says_what_is_wrong(chloe: Visitor, sort: str) -> None:
    path = "/offers/REF-1/apply"
    parts = Page(await chloe.post(path, {"covering_letter_text": "Hello.", "cv_url": "no address"})).parts
    await chloe.post(f"{path}/discard")
    for text in WORDS[sort]:
        form = {"covering_letter_text": text, "cv_url": text, "then": "review"}
        answer = await chloe.post(path, form)
        assert answer.status_code == 422, text
        told = set(problems(answer)) - {"covering_letter", "covering_letter_text"}  # none, or one too long
        assert told == {"cv_url"}, text
        page = Page(answer)
        assert page.holds(cv_url=text, covering_letter_text=text), text
        assert page.parts == parts, text
        await chloe.post(f"{path}/discard")
        await chloe.post(path, form | {"cv_url": ""})
        page = Page(await chloe.get(path))
        assert page.holds(cv_url="", covering_letter_text=clean_text(text)), text
        review = Page(await chloe.get(f"{path}/review"))  # or none, of a letter that is too long
        assert review.parts["script"] <= parts["script"], text
        await chloe.post(f"{path}/discard")


@every_sort
async def test_a_withdrawal_sends_words_or_says_what_is_wrong_with_them(
    site: Site, chloe: Visitor, sort: str
) -> None:
    candidate_id = await site.candidate_id()
    for text in WORDS[sort]:
        path = f"/candidate/applications/{await site.house.application(candidate_id)}/withdraw"
        parts = Page(await chloe.get(path)).parts
        answer = await chloe.post(path, {"message": text, "send": "message"})
        if answer.status_code == 422:
            assert set(problems(answer)) == {"message"}, text
            assert Page(answer).holds(message=text), text
            assert Page(answer).parts == parts, text
            await chloe.post(path, {"send": "none"})
            continue
        sent = await Outbox.select().where(Outbox.kind == "withdrawal_message").order_by(Outbox.id)
        assert json.loads(sent[-1]["params"])["message"] == clean_text(text), text
        assert Page(await chloe.follow(answer)).parts["script"] == parts["script"], text


@every_sort
async def test_a_program_gets_its_words_back_or_is_told_what_is_wrong(
    site: Site, offer: str, sort: str
) -> None:
    chloe = await candidate(site)
    names = ("first_name", "last_name", "address", "postal_code", "city", "phone", "languages")
    for text in WORDS[sort]:
        for name in names:
            answer = await chloe.put("/me/profile", NAMES | {name: text})
            if answer.status_code == 422:
                assert set(fields(answer)) == {name}, (name, text)
            else:
                assert (answer.status_code, answer.json()[name]) == (200, clean_line(text)), (name, text)
        sent = await chloe.apply(offer, covering_letter_text=text)
        if sent.status_code != 201:
            assert set(fields(sent)) <= {"covering_letter", "covering_letter_text"}, text  # none, or too long
            continue
        own = f"/me/applications/{sent.json()['id']}"
        assert (await chloe.get(own)).json()["covering_letter_text"] == clean_text(text), text
        gone = await chloe.post(f"{own}/withdrawal", {"message": text})
        if gone.status_code != 200:
            assert set(fields(gone)) == {"message"}, text
            assert (await chloe.post(f"{own}/withdrawal", {"message": None})).status_code == 200, text


async def test_an_address_that_is_none_is_refused_at_every_door(site: Site) -> None:
    visitor, account = await site.visitor(), await site.candidate()
    doors = ("/candidate/confirm", "/candidate/forgotten-password/question")
    for email in ODD_ADDRESSES:
        form = REGISTRATION | {"email": email, "email_again": email}
        answers = [await visitor.post("/candidate/register", form)]
        answers += [await visitor.post(door, {"email": email}) for door in doors]
        answers.append(await account.post("/candidate/account/email", form))
        for answer in answers:
            assert answer.status_code == 422, email
            assert "email" in problems(answer), email
            assert Page(answer).holds(email=email), email
    assert await site.mails() == []


async def test_an_address_however_typed_is_written_to_as_one(site: Site) -> None:
    visitor = await site.visitor()
    for typed, _ in GOOD_ADDRESSES:
        form = REGISTRATION | {"email": typed, "email_again": typed}
        assert (await visitor.post("/candidate/register", form)).status_code == 200, typed
    assert [recipient for _, recipient in await site.mails()] == [known for _, known in GOOD_ADDRESSES]


@pytest.mark.parametrize(
    "name", ["\u200b", "\u2060\u200d", "\u00ad", "\u202e", "\0", "\u2003", "\u3164", "\u034f"]
)
async def test_a_name_that_cannot_be_seen_is_none(chloe: Visitor, name: str) -> None:
    answer = await chloe.post("/candidate/profile", NAMES | {"last_name": name})
    assert problems(answer) == {"last_name": "Fill in this field."}


@pytest.mark.parametrize("path", ["/candidate/profile", "/candidate/login", "/offers/REF-1/apply"])
async def test_half_a_character_is_the_senders_mistake(chloe: Visitor, path: str) -> None:
    halves = ("%ED%A0%80", "%ED%BF%BF", "%FF", "%C3", "%C0%AF")
    token = chloe.client.cookies[CSRF_COOKIE]
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for half in halves:
        body = f"_csrf_token={token}&title=ms&first_name={half}&last_name=M&email={half}&password={half}&cv_url={half}"
        answer = await chloe.client.post(path, content=body, headers=kind)
        assert answer.status_code in {303, 400, 409, 422}, half
        assert "\ud800" not in answer.text, half
