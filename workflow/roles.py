"""Who may act: the roles that machines name in their rules."""

from workflow.engine.machine import Actor

CANDIDATE = "candidate"
RECRUITER = "recruiter"
ADMINISTRATOR = "administrator"
SYSTEM = "system"

ROLES = (CANDIDATE, RECRUITER, ADMINISTRATOR, SYSTEM)

STAFF = frozenset({RECRUITER, ADMINISTRATOR})

CLOCK = Actor("system", SYSTEM)
"""What happens by itself: the calendar, the demo set-up, an import."""
