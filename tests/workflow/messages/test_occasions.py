"""Every mail has its reason: a machine's event, or one that is written down."""

from workflow.machines import told_kinds
from workflow.messages.occasions import OCCASIONS
from workflow.messages.rendering import kinds


def test_mails_that_no_machine_tells_name_their_occasion() -> None:
    assert set(OCCASIONS) == kinds() - told_kinds()
