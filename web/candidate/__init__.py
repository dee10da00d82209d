"""The Candidate Area: registering, logging in, the profile, applying, following and withdrawing applications.

Handlers parse, ask or command, and render or go on (303); every rule lives in `workflow`.
"""

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from web.candidate import applications, apply, area, login, profile, registration, withdrawal
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
        area.account,
    ],
    dependencies={"candidate": Provide(provide_candidate)},
)

ROUTE_HANDLERS: list[ControllerRouterHandler] = [
    area.home,
    registration.registration_form,
    registration.register,
    registration.confirmation,
    registration.confirm,
    login.login_form,
    login.enter,
    login.leave,
    login.forgotten_password,
    apply.application_form,
    _MINE,
]

UPLOAD_HANDLERS: list[ControllerRouterHandler] = [
    apply.submit,
    Router(
        path="/candidate",
        route_handlers=[profile.save_profile],
        dependencies={"candidate": Provide(provide_candidate)},
    ),
]
"""Those that take files; all others take forms alone, and refuse larger bodies."""
