"""What `vivier doctor` finds out, and how what is to be done and who does it is looked at."""

from dataclasses import dataclass
from datetime import datetime

from workflow.engine.outbox import DEAD
from workflow.vital_signs import WEBHOOK, given_up, troubled_webhooks, waiting
from workflow.workers import workers


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing; `advice` says what to do, if anything. `stops`: nothing works without it."""

    subject: str
    said: str
    advice: str = ""
    stops: bool = False


async def outbox_finding() -> Finding:
    """What nobody does any more unless somebody says so."""
    found = [each for each in await given_up() if each.kind != WEBHOOK]
    dead = sum(each.rows for each in found if each.state == DEAD)
    held = sum(each.rows for each in found) - dead
    said = [f"{dead} mails could not be sent"] if dead else []
    said += [f"{held} may have gone out or not and wait until somebody decides"] if held else []
    advice = "Look at them in the console, under Mails." if said else ""
    return Finding("Outbox", "; ".join(said) or "nothing failed", advice)


async def webhooks_finding() -> Finding:
    """Which programs are not told; that is bad where they missed something for good."""
    failing, stopped = await troubled_webhooks()
    dead = sum(each.rows for each in await given_up() if each.kind == WEBHOOK)
    said = [f"{failing} {'fails' if failing == 1 else 'fail'} just now"] if failing else []
    said += [f"{stopped} {'is' if stopped == 1 else 'are'} stopped"] if stopped else []
    said += [f"{dead} {'message was' if dead == 1 else 'messages were'} given up"] if dead else []
    advice = "Look at them in the console, under Webhooks: what was given up can be sent again there."
    return Finding("Webhooks", ", ".join(said) or "none fails", advice if dead else "")


async def workers_finding(now: datetime) -> Finding:
    """Who carries things out. Where nobody does, that is only bad if something waits."""
    seen = await workers()
    alive = [worker for worker in seen if worker.is_alive(now)]
    if alive:
        names = ", ".join(f"{worker.host} (process {worker.pid})" for worker in alive)
        return Finding("Workers", f"{len(alive)} alive: {names}")
    last = max((worker.seen_at for worker in seen), default=None)
    silent = f"none is alive, the last was seen at {last:%Y-%m-%d %H:%M} UTC" if last else "none is alive"
    due = sum(each.due for each in await waiting(now))
    if not due:
        return Finding("Workers", f"{silent}; nothing waits for one")
    advice = "Start one: vivier worker (vivier up starts one by itself)."
    return Finding("Workers", f"{silent}; mails and other work that wait: {due}", advice)
