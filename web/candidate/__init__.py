"""The Candidate Area: registering, logging in, the profile, applying, following and withdrawing applications.

Handlers parse, ask or command, and render or go on (303); every rule lives in `workflow`.
"""

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from web.candidate import (
    account,
    alert_form,
    alerts,
    applications,
    apply,
    area,
    drafts,
    login,
    new_address,
    own_data,
    profile,
    recovery,
    registration,
    review,
    withdrawal,
)
from web.kit.visitors import provide_candidate

_MINE = Router(
    path="/candidate",
    route_handlers=[
        applications.all_applications,
        applications.one_application,
        applications.submitted,
        applications.document,
        withdrawal.withdrawal_form,
        withdrawal.withdraw,
        withdrawal.withdrawn,
        profile.profile,
        profile.profile_cv,
        *alerts.OWN_HANDLERS,
        *alert_form.OWN_HANDLERS,
        *account.OWN_HANDLERS,
        *own_data.OWN_HANDLERS,
    ],
    dependencies={"candidate": Provide(provide_candidate)},
)

ROUTE_HANDLERS: list[ControllerRouterHandler] = [
    area.home,
    *registration.ROUTE_HANDLERS,
    *login.ROUTE_HANDLERS,
    *recovery.ROUTE_HANDLERS,
    *new_address.ROUTE_HANDLERS,
    *own_data.LINK_HANDLERS,
    *apply.FORM_HANDLERS,
    *drafts.ROUTE_HANDLERS,
    *review.FORM_HANDLERS,
    _MINE,
]

UPLOAD_HANDLERS: list[ControllerRouterHandler] = [
    *apply.UPLOAD_HANDLERS,
    Router(
        path="/candidate",
        route_handlers=[profile.save_profile],
        dependencies={"candidate": Provide(provide_candidate)},
    ),
]
"""Those that take files; all others take forms alone, and refuse larger bodies."""
