"""Numbers of people, cards and accounts are told by their look; days, times, amounts and plain names are not hidden."""

import pytest

from pipeline.operate.personal_looks import looks_personal


@pytest.mark.parametrize(
    "value",
    [
        "+49 30 1234567",
        "0049 (0)30/1234567",
        "Tel. +1-212-555-0123, evenings",
        "030 1234567",
        "(212) 555-0123",
        "212.555.0123",
        "13812345678",
        " 2125550123 ",
        "123-45-6789",
        "11010519491231002X",
        "110105194912310021",
        "12345678Z",
        "C12345678",
        "QQ123456C",
        "a123456(7)",
        "RSSMRA85T10A562S",
        "4111 1111 1111 1111",
        "4111111111111111",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
    ],
)
def test_it_looks_personal(value: str) -> None:
    assert looks_personal(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "open",
        "12",
        "123456",
        "1234567.89",
        "1234567,89",
        "1,234,567.00",
        "1.234.567,00",
        "1 234 567",
        "2031-03-01",
        "20310301",
        "01.03.2031",
        "3/1/2031",
        "2031-03-01 10:00:00",
        "2031-03-01T10:00:00+01:00",
        "10:00:00",
        "ORD-2031-00017",
        "Net 30",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_it_does_not(value: str) -> None:
    assert not looks_personal(value)
