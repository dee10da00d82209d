"""Two candidates whom only ids, addresses and tokens tell apart: whatever else differs, one of them can notice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from uuid import UUID

import httpx

from tests.support.smtp import SmtpSink
from tests.web.api.program import Program, program
from tests.web.site import Site, Visitor
from tests.workflow.documents.making import pdf
from workflow.applications.tables import Application
from workflow.documents.commands import Upload

REFERENCE = "REF-1"
_CV = Upload("cv.pdf", pdf())
_SEALED = re.compile(r"vivier_flash=[^;]*(; expires=[^;]*)?")
_SESSION = re.compile(r"sessions/\d+")

Seen = Mapping[str, tuple[int, Mapping[str, str], str]]
"""Method and path → status, headers and body, without what is a twin's own."""


@dataclass
class Twin:
    """A candidate with one application, who looks at everything through a browser and through a program."""

    site: Site
    email: str
    id: UUID
    application: UUID
    document: UUID | None
    browser: Visitor
    program: Program
    later: list[str] = field(default_factory=list)

    async def shown(self, *, everything: bool = True) -> Seen:
        """Every page and JSON answer for this candidate, those that lead elsewhere or are refused as well.

        Without `everything`, those alone that speak of the application.
        """
        own = f"/applications/{self.application}"
        pages = [f"/candidate{own}{more}" for more in ("", "/submitted", "/withdraw", "/withdrawn")]
        pages += ["/candidate", "/candidate/applications", f"/offers/{REFERENCE}"]
        answers = ["/me/applications", f"/me{own}"]
        if everything:
            pages += [
                "/",
                "/offers",
                f"/offers/{REFERENCE}/apply",
                "/candidate/profile",
                "/candidate/account",
            ]
            answers += ["/offers", f"/offers/{REFERENCE}", "/me/profile", "/me/account"]
            if self.document:
                pages.append(f"/candidate{own}/documents/{self.document}")
                answers.append(f"/me{own}/documents/{self.document}")
        seen = [page for path in pages for page in await self._followed(await self.browser.get(path))]
        return self.without_own(*seen, *[await self.program.get(path) for path in answers])

    async def applies(self) -> Seen:
        """What applying (once more) is answered, in both ways; pages first."""
        page = await self.browser.apply(REFERENCE, {"covering_letter_text": "Again."})
        answer = await self.program.apply(REFERENCE, covering_letter_text="Again.")
        rows = await Application.select(Application.id).where(Application.candidate == self.id)
        self.later = [str(row["id"]) for row in rows if row["id"] != self.application]
        return self.without_own(*await self._followed(page), answer)

    async def withdraws(self) -> Seen:
        """What withdrawing is answered, first by the page and then, too late, by the program."""
        path = f"/applications/{self.application}/"
        form = {"message": "I have found another heron.", "send": "message"}
        page = await self.browser.post(f"/candidate{path}withdraw", form)
        answer = await self.program.post(f"/me{path}withdrawal", {"message": None})
        return self.without_own(*await self._followed(page), answer)

    def letters(self, sink: SmtpSink) -> list[dict[str, str]]:
        """The mails that reached this candidate, oldest first: all of their headers but the id, and both bodies."""
        mails = [mail.content for mail in sink.received if mail.recipient == self.email]
        return [self._letter(mail) for mail in mails]

    def without_own(self, *answers: httpx.Response) -> Seen:
        """Answers in which nothing is left of this twin's own ids, addresses and tokens."""
        return {
            self._without_own(f"{answer.request.method} {answer.request.url}"): (
                answer.status_code,
                {name: self._without_own(value) for name, value in answer.headers.items()},
                self._without_own(answer.content.decode("latin-1")),
            )
            for answer in answers
        }

    async def _followed(self, answer: httpx.Response) -> list[httpx.Response]:
        """An answer, and the page that it leads to, which says what the sealed cookie brings along."""
        return [answer, await self.browser.follow(answer)] if answer.is_redirect else [answer]

    def _letter(self, content: bytes) -> dict[str, str]:
        mail: EmailMessage = BytesParser(policy=policy.default).parsebytes(content)  # type: ignore[arg-type]  # typeshed
        parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
        told = {name: value for name, value in mail.items() if name not in {"Message-ID", "Content-Type"}}
        told |= {kind: part.get_content() for kind, part in parts.items() if part is not None}
        return {name: self._without_own(str(value)) for name, value in told.items()}

    def _without_own(self, text: str) -> str:
        names = {str(self.application): "APPLICATION", str(self.document): "DOCUMENT", self.email: "EMAIL"}
        names |= {value: name for name, value in self.browser.client.cookies.items() if value}
        names |= dict.fromkeys(self.later, "LATER")
        for value, name in names.items():
            text = text.replace(value, name)
        return _SESSION.sub("sessions/SESSION", _SEALED.sub("vivier_flash=SEALED", text))


async def twin(site: Site, number: int, *, with_file: bool) -> Twin:
    """A candidate with an application to the offer, logged in both ways. Their addresses are equally long."""
    email = f"twin{number}@example.org"
    candidate_id = await site.house.candidate("Castor", email=email, language="en")
    application = await site.house.application(candidate_id, REFERENCE, cv=_CV if with_file else None)
    [row] = await Application.select(Application.cv).where(Application.id == application)
    browser, client = await site.visitor(), await program(site)
    assert (await browser.log_in(email)).status_code == 303
    await browser.get("/candidate")
    await client.log_in(email)
    return Twin(site, email, candidate_id, application, row["cv"], browser, client)
