"""Every code of the table has one class, and each class its row."""

from __future__ import annotations

from pathlib import Path

import pytest

import bearerd
from bearerd import errors

TABLE = Path(__file__).parents[3] / "tests" / "golden" / "codes.txt"
ROWS = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def test_table_is_read() -> None:
    assert len(ROWS) > 25 and ROWS[0] == ["0", "OK", "200"]


@pytest.mark.parametrize(("number", "name", "status"), ROWS[1:], ids=[row[1] for row in ROWS[1:]])
def test_one_class_a_code(number: str, name: str, status: str) -> None:
    row = errors.BY_NUMBER[int(number)]
    assert (row.number, row.code, row.status) == (int(number), name, int(status))
    assert row.message.endswith(".")
    assert [other for other in errors.BY_NUMBER.values() if other.code == name] == [row]


def test_no_class_without_a_code() -> None:
    assert {str(number) for number in errors.BY_NUMBER} == {row[0] for row in ROWS[1:]}


def test_all_are_exported_under_one_root() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    for row in classes:
        assert issubclass(row, bearerd.BearerError)
        assert getattr(bearerd, row.__name__) is row
        assert row.__name__ in bearerd.__all__


def test_claim_classes_have_the_row_of_invalid_claim() -> None:
    for row in errors.BY_CLAIM.values():
        assert (row.code, row.number, row.status) == ("INVALID_CLAIM", 502, 401)


def test_shape_is_that_of_pyjwt() -> None:
    for name in (
        "InvalidTokenError DecodeError InvalidSignatureError ExpiredSignatureError ImmatureSignatureError "
        "InvalidAudienceError InvalidIssuerError InvalidIssuedAtError InvalidAlgorithmError "
        "MissingRequiredClaimError InvalidSubjectError InvalidJTIError"
    ).split():
        assert issubclass(getattr(bearerd, name), bearerd.InvalidTokenError)
    assert issubclass(bearerd.InvalidSignatureError, bearerd.DecodeError)
