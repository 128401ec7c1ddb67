"""A bucket that fails: what lands is whole, what cannot is one clear refusal, and nothing else is stopped."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UserError
from tests.contracts.bucket.conftest import KEYS, Place
from tests.contracts.bucket.fault_bucket import LISTING, Fault, FaultBucket

ROWS = [(str(number), "x" * 50) for number in range(2000)]
LONG = "a,b\n" + "".join(f"{a},{b}\n" for a, b in ROWS)
KEY = "shop/may.csv"


@pytest.fixture
def shop(place: Callable[[str], Place], faulty: FaultBucket) -> Place:
    faulty.put(KEY, LONG)
    return place(faulty.address)


def test_a_body_that_breaks_off_is_continued_where_it_broke(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, Fault(cut=60_000), Fault(cut=10_000))
    assert shop.rows(shop.land()) == ROWS
    assert faulty.asked[1:] == [KEY, f"{KEY} bytes=60000-", f"{KEY} bytes=70000-"]


def test_a_service_without_ranges_is_read_from_the_start(shop: Place, faulty: FaultBucket) -> None:
    faulty.ignores_range = True
    faulty.fails(KEY, Fault(cut=60_000))
    assert shop.rows(shop.land()) == ROWS


def test_a_fetch_that_was_broken_off_is_continued_by_the_next_run(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, *[Fault(cut=10_000)] * 5)
    (refusal,) = shop.land().refused
    assert refusal.error.what == "the service broke off"
    del faulty.asked[:]
    assert shop.rows(shop.land()) == ROWS
    assert faulty.asked[1:] == [f"{KEY} bytes=50000-"]


def test_an_overloaded_service_is_asked_again(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(LISTING, *[Fault(503, "SlowDown")] * 4)
    faulty.fails(KEY, Fault(500, "InternalError"))
    assert shop.rows(shop.land()) == ROWS


@pytest.mark.parametrize(
    ("at", "status", "code", "what"),
    [
        (LISTING, 404, "NoSuchBucket", "there is no such bucket"),
        (LISTING, 403, "AccessDenied", "access is denied"),
        (LISTING, 403, "InvalidAccessKeyId", "the credentials are not accepted"),
        (LISTING, 403, "SignatureDoesNotMatch", "the credentials are not accepted"),
        (LISTING, 400, "ExpiredToken", "the credentials have expired"),
        (LISTING, 400, "AuthorizationHeaderMalformed", "the bucket is in another region"),
        (LISTING, 400, "OddThing", "the service refused"),
        (KEY, 403, "AccessDenied", "access is denied"),
        (KEY, 404, "NoSuchKey", "the object has gone since it was listed"),
        (KEY, 403, "InvalidObjectState", "the object is archived"),
        (KEY, 503, "SlowDown", "the service asks to slow down"),
    ],
)
def test_what_the_service_refuses_is_said(
    shop: Place, faulty: FaultBucket, at: str, status: int, code: str, what: str
) -> None:
    faulty.put("shop/june.csv", "a,b\n7,q\n")
    faulty.fails(at, *[Fault(status, code)] * 10)
    result = shop.land()
    (refusal,) = result.refused
    assert (refusal.error.what, code in refusal.error.found) == (what, True)
    assert refusal.file == ("*.csv*" if at == LISTING else "may.csv")
    assert [one.file for one in result.deliveries] == ([] if at == LISTING else ["june.csv"])


def test_a_bucket_that_cannot_be_listed_keeps_what_landed(shop: Place, faulty: FaultBucket) -> None:
    before = shop.land().deliveries
    faulty.fails(LISTING, *[Fault(403, "AccessDenied")] * 10)
    assert shop.land().deliveries == before


def test_an_object_written_anew_while_it_is_read_is_left_for_the_next_run(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, Fault(412, "PreconditionFailed"))
    result = shop.land()
    assert (result.deliveries, result.refused) == ([], [])
    assert result.notes == ["may.csv: written anew while it was read, left for the next run"]
    assert shop.rows(shop.land()) == ROWS


def test_an_object_longer_than_it_was_listed_is_refused(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, Fault(body=LONG.encode() + b"9,y\n"))
    (refusal,) = shop.land().refused
    assert refusal.error.what == "the object is not as long as it was listed"


def test_bytes_that_were_changed_on_the_way_are_fetched_again(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, Fault(body=LONG.replace("x", "y").encode()))
    assert shop.rows(shop.land()) == ROWS


def test_bytes_that_come_otherwise_each_time_are_refused(shop: Place, faulty: FaultBucket) -> None:
    faulty.fails(KEY, *(Fault(body=LONG.replace("x", letter).encode()) for letter in "yz"))
    (refusal,) = shop.land().refused
    assert refusal.error.what == "the object came otherwise each time it was read"


def test_an_etag_that_only_looks_like_a_digest_keeps_nothing_out(shop: Place, faulty: FaultBucket) -> None:
    faulty.put(KEY, LONG, etag="0" * 32)
    assert shop.rows(shop.land()) == ROWS


def test_an_object_encrypted_with_a_key_is_fetched_once(shop: Place, faulty: FaultBucket) -> None:
    faulty.put(KEY, LONG, etag="0" * 32)
    faulty.headers["x-amz-server-side-encryption"] = "aws:kms"
    assert shop.rows(shop.land()) == ROWS
    assert faulty.asked == [LISTING, KEY]


def test_a_listing_is_read_to_its_last_page(shop: Place, faulty: FaultBucket) -> None:
    faulty.page_size = 2
    for number in range(1, 6):
        faulty.put(f"shop/{number}.csv", f"a,b\n{number},x\n")
    result = shop.land(files="[1-5].csv")
    assert [row[0] for row in shop.rows(result)] == ["1", "2", "3", "4", "5"]
    assert faulty.asked.count(LISTING) == 3


def test_a_listing_that_breaks_off_lands_nothing(shop: Place, faulty: FaultBucket) -> None:
    faulty.page_size = 1
    faulty.put("shop/june.csv", "a,b\n7,q\n")
    faulty.fails(LISTING, Fault(), *[Fault(503, "SlowDown")] * 5)
    result = shop.land()
    assert (result.new, [one.error.what for one in result.refused]) == ([], ["the service asks to slow down"])


def test_a_service_that_is_not_there_is_said(shop: Place) -> None:
    away = replace(shop.bucket, endpoint="http://127.0.0.1:1")
    (refusal,) = shop.land(away).refused
    assert refusal.error.what == "the service cannot be reached"


def test_a_certificate_that_cannot_be_verified_is_said(shop: Place, faulty: FaultBucket) -> None:
    clear = replace(shop.bucket, endpoint=faulty.address.replace("http:", "https:"))
    (refusal,) = shop.land(clear).refused
    assert refusal.error.what in ("the service's certificate cannot be verified", "the service cannot be reached")


def test_an_endpoint_of_the_aws_tools_is_not_spoken_to_in_the_clear(
    shop: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://storage.example.com")
    (refusal,) = shop.land(replace(shop.bucket, endpoint=None)).refused
    assert refusal.error.what == "the bucket would be spoken to in the clear"


def test_no_credentials_anywhere_is_said(shop: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    (refusal,) = shop.land(replace(shop.bucket, access_key=None, secret_key=None)).refused
    assert refusal.error.what == "there are no credentials for the bucket"


def test_secrets_are_shown_nowhere(shop: Place) -> None:
    secret = KEYS["secret_key"]
    shop.land()
    (refusal,) = shop.land(replace(shop.bucket, endpoint=f"http://127.0.0.1:1/{secret}")).refused
    assert refusal.error.found.startswith('Could not connect to the endpoint URL: "http://127.0.0.1:1/…')
    assert secret not in str(refusal.error)
    assert secret not in repr(shop.bucket)
    assert all(secret not in path.read_text(errors="replace") for path in shop.landing.rglob("*") if path.is_file())


def test_a_landing_folder_that_takes_nothing_is_one_error(shop: Place) -> None:
    shop.home.parent.mkdir(parents=True)
    shop.home.touch()
    with pytest.raises(UserError, match="the landing folder cannot be written"):
        shop.land()
