"""Signatures are those of Standard Webhooks, held against its published examples and against the text of it."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from workflow.webhooks.signing import new_secret, signature, signed_headers

# of the reference implementations' own tests (libraries/*/test… of standard-webhooks)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signature_is_the_published_one() -> None:
    assert signature(SECRET, MESSAGE, TIMESTAMP, BODY) == SIGNATURE


def test_headers_carry_a_signature_for_each_secret() -> None:
    now = datetime.fromtimestamp(TIMESTAMP + 0.9, UTC)
    other = new_secret()
    assert signed_headers([other, SECRET], MESSAGE, BODY, now=now) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": f"{signature(other, MESSAGE, TIMESTAMP, BODY)} {SIGNATURE}",
    }


def test_new_secret_is_random_and_long_enough() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in secrets} == {32}


def test_signature_covers_bytes_as_they_are() -> None:
    secret, body = new_secret(), '{"title":"Ingénieure · 研究"}'.encode()
    key = base64.b64decode(secret[len("whsec_") :])
    wanted = hmac.new(key, b"msg_1.7." + body, hashlib.sha256).digest()
    assert signature(secret, "msg_1", 7, body) == "v1," + base64.b64encode(wanted).decode()
