"""A bucket as sources.yml says it, a client of it, and what its errors mean to whoever reads them.

Only this package imports boto3, and only when a bucket is opened: it is an extra that others need not install.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import RefusedDelivery
from pipeline.sources import Source, is_loopback

Secret = Callable[[str], str | None]
# One request, by the client's own backoff; a body that breaks off on the way is tried anew by download.py
ATTEMPTS = 5
CONNECT_SECONDS, READ_SECONDS = 10, 60
_ADVICE = "see that endpoint: and region: in sources.yml are right and that this machine may reach the service"
_KEYS = "correct the variables that credentials: in sources.yml names, or the ones the AWS tools use"
# Code of an answer  →  what is wrong, what to do
_MEANINGS = {
    "NoSuchBucket": ("there is no such bucket", "correct location: or endpoint: in sources.yml"),
    "AccessDenied": ("access is denied", "let these credentials list the bucket and read its objects"),
    "403": ("access is denied", "let these credentials list the bucket and read its objects"),
    "InvalidAccessKeyId": ("the credentials are not accepted", _KEYS),
    "SignatureDoesNotMatch": ("the credentials are not accepted", _KEYS),
    "ExpiredToken": ("the credentials have expired", _KEYS),
    "InvalidToken": ("the credentials are not accepted", _KEYS),
    "PermanentRedirect": ("the bucket is in another region", "say region: in sources.yml"),
    "301": ("the bucket is in another region", "say region: in sources.yml"),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "say region: in sources.yml"),
    "NoSuchKey": ("the object has gone since it was listed", "deliver it again if it was to be loaded"),
    "404": ("the object has gone since it was listed", "deliver it again if it was to be loaded"),
    "InvalidObjectState": ("the object is archived", "restore it, or move it out of the location"),
    "SlowDown": ("the service asks to slow down", "run again later"),
    "503": ("the service is not available", "run again later"),
    "ServiceUnavailable": ("the service is not available", "run again later"),
    "InternalError": ("the service failed", "run again later"),
}


@dataclass(frozen=True)
class Bucket:
    """Where exports lie and how they are got at; `prefix` is empty or ends in a slash. Secrets are never shown."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    addressing: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"s3://{self.name}/{self.prefix}"


def bucket_mistakes(said: Source, where: str, secret: Secret) -> Iterator[RefusedDelivery]:
    """What keeps a source's bucket from being opened on this machine; nothing is contacted."""
    if find_spec("boto3") is None:
        yield RefusedDelivery(
            "buckets need boto3, which is not installed",
            where=where,
            found=str(said.location),
            action="pip install -e '.[s3]'",
        )
    for name, variable in said.credentials.items():
        if not secret(variable):
            yield RefusedDelivery(
                "the environment variable of a credential is not set",
                where=f"{where}.credentials.{name}",
                found=variable,
                action=f"set {variable}",
            )


def bucket_of(said: Source, where: str, secret: Secret) -> Bucket:
    """The bucket of a source, its credentials read from the variables it names; raises RefusedDelivery."""
    for mistake in bucket_mistakes(said, where, secret):
        raise mistake
    parts = urlsplit(str(said.location))
    prefix = str(said.location).removeprefix(f"s3://{parts.netloc}").strip("/")
    return Bucket(
        parts.netloc,
        f"{prefix}/" if prefix else "",
        said.endpoint,
        said.region,
        said.addressing,
        **{name: secret(variable) for name, variable in said.credentials.items()},
    )


@lru_cache(maxsize=16)
def connect(bucket: Bucket) -> Any:
    """A client of the bucket, one for all its exports; certificates are always verified.

    Raises RefusedDelivery where none can be made.
    """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        s3={"addressing_style": bucket.addressing} if bucket.addressing else None,
    )
    keys = (bucket.access_key, bucket.secret_key, bucket.session_token)
    try:
        session = boto3.session.Session(*keys, region_name=bucket.region)
        # Some services sign without a region; the client alone insists on one
        region = session.region_name or "us-east-1"
        client = session.client("s3", region_name=region, endpoint_url=bucket.endpoint, config=config)
    except (BotoCoreError, ValueError) as error:
        raise explained(error, bucket, bucket.address) from None
    _refuse_clear_text(client.meta.endpoint_url, bucket)
    return client


def _refuse_clear_text(endpoint: str, bucket: Bucket) -> None:
    """The AWS tools' own settings may name an endpoint too."""
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise RefusedDelivery(
            "the bucket would be spoken to in the clear",
            where=bucket.address,
            found=f"{parts.scheme}://{parts.hostname}",
            expected="https",
            action="correct the endpoint in the AWS tools' settings, or say endpoint: in sources.yml",
        )


def explained(error: Exception, bucket: Bucket, where: str) -> RefusedDelivery:
    """An error of the client in the user's words, without its secrets."""
    found = str(error).splitlines()[0] if str(error) else type(error).__name__
    for secret in (bucket.secret_key, bucket.session_token):
        found = found.replace(secret, "…") if secret else found
    what, action = _meaning(error)
    return RefusedDelivery(what, where=where, found=found[:300], action=action)


def code_of(error: Exception) -> str:
    """The service's code of an answer that is an error, empty for any other error."""
    answer = getattr(error, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


def _meaning(error: Exception) -> tuple[str, str]:
    from botocore import exceptions

    if code := code_of(error):
        return _MEANINGS.get(code, ("the service refused", _ADVICE))
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return "there are no credentials for the bucket", "name them under credentials: in sources.yml"
    if isinstance(error, exceptions.SSLError):
        return "the service's certificate cannot be verified", "correct it, or name its authority in AWS_CA_BUNDLE"
    if isinstance(error, exceptions.ConnectionError):
        return "the service cannot be reached", _ADVICE
    if isinstance(error, exceptions.HTTPClientError | exceptions.IncompleteReadError):
        return "the service broke off", "run again later"
    return "the bucket cannot be opened", _ADVICE
