"""Numbers, dates, quarters, periods and case references: what is printed in any spelling is read back exactly."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from parsers.periods import Period, period
from parsers.text import (
    COUNT_WORDS,
    case_reference,
    collapse,
    count,
    financial_year,
    matching,
    number,
    quarter,
    quarter_of_date,
    quarter_period,
    uk_date,
)
from parsers.values import in_one_unit, target_of, value_of

# Blanks, dashes and quotes as Word and ModernGov print them.
BLANK = st.sampled_from([" ", "\u00a0", "  ", "\u2009", " \n", "\t"])
DASH = st.sampled_from(["-", "–", "—", " - ", " – "])
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
YEARS = st.integers(2009, 2098)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ANYTHING = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
# Near misses: the letters and signs of what is looked for, in any order.
NEARLY = st.text(alphabet="0123456789/-–., £%()QqArilMadenthsoYc\u00a0'", max_size=40)


@given(st.integers(0, 10**9), st.integers(0, 3), st.sampled_from(["", "%", "£", " %"]), st.booleans(), st.booleans())
def test_a_printed_number_is_read_exactly(digits: int, decimals: int, unit: str, commas: bool, negative: bool) -> None:
    value = digits / 10**decimals
    printed = f"{value:,.{decimals}f}" if commas else f"{value:.{decimals}f}"
    text = f"{'-' if negative else ''}{'£' if unit == '£' else ''}{printed}{unit if '%' in unit else ''}"

    assert number(text) == (-value if negative else value, unit.strip() or None)


@given(NEARLY)
def test_what_is_read_as_a_number_is_all_that_was_printed(text: str) -> None:
    found = number(text)

    if found is not None:
        rest = collapse(text).replace(",", "").replace("−", "-").strip("£% ").replace("£", "")
        assert float(rest) == found[0]


@given(st.sampled_from(sorted(COUNT_WORDS)), st.sampled_from([str.lower, str.upper, str.capitalize]))
def test_a_count_in_words_is_read_in_any_case(word: str, case: object) -> None:
    assert count(case(word)) == COUNT_WORDS[word]  # type: ignore[operator]


@given(st.integers(0, 10**6))
def test_a_count_in_digits_is_read_with_and_without_commas(value: int) -> None:
    assert count(str(value)) == count(f"{value:,}") == count(f" {value}\u00a0") == value


def ordinal(day: int) -> str:
    return f"{day}{'th' if 11 <= day <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


@given(DAYS, st.data())
def test_a_date_is_read_in_every_spelling_of_these_sites(day: date, data: st.DataObject) -> None:
    month = MONTHS[day.month - 1]
    weekday = day.strftime("%A")
    blank = data.draw(BLANK)
    printed = data.draw(
        st.sampled_from(
            [
                f"{weekday}, {ordinal(day.day)} {month}, {day.year} 10.00 am",
                f"{day.day}{blank}{month[:3]}{blank}{day.year}{blank}10.00 am",
                f"{day.day:02d}/{day.month:02d}/{day.year}",
                f"{day.day}/{day.month}/{day.year}",
                f"{ordinal(day.day).rjust(4, '0')}-{month[:3]}-{day.year} 10.00",
                f"{weekday}, {day.day} {month} {day.year}.",
                f"{day.day:02d}-{month[:3]}-{day.year}",
                f"the {ordinal(day.day)} of {month} {day.year}",
                day.isoformat(),
                f"{day.day} {month.upper()} {day.year}",
            ]
        )
    )

    assert uk_date(printed) == day
    assert uk_date(f"Meeting held on {printed}, at County Hall") == day


@given(YEARS, st.integers(1, 4), st.data())
def test_a_quarter_is_read_in_every_spelling_of_the_papers(year: int, n: int, data: st.DataObject) -> None:
    short, long, dash = f"{year + 1}"[2:], str(year + 1), data.draw(DASH)
    spelt = data.draw(st.sampled_from([f"{year}/{short}", f"{year}-{short}", f"{year}/{long}", f"{year}–{long}"]))
    word = ("first", "second", "third", "fourth")[n - 1]
    printed = data.draw(
        st.sampled_from(
            [
                f"Quarter {n}, {spelt}",
                f"Quarter {n} {spelt}",
                f"Q{n} {spelt}",
                f"Q{n} ({spelt})",
                f"Quarter {n}{dash}{spelt}",
                f"(Q{n} - {spelt})",
                f"{spelt} Quarter {n}",
                f"Quarter {n} {year}{short}",
                f"Quarter {n} (Q{n}) {spelt}",
                f"the {word} quarter of {spelt}",
            ]
        )
    )

    assert quarter(f"Quarterly Performance Report, {printed}") == (f"{year}/{short}", n)


@given(YEARS, st.integers(0, 99))
def test_a_financial_year_is_one_only_when_its_second_year_follows(year: int, second: int) -> None:
    follows = second == (year + 1) % 100

    assert financial_year(f"in {year}/{second:02d}") == (f"{year}/{second:02d}" if follows else None)


@given(DAYS)
def test_a_day_lies_within_its_own_quarter_and_quarters_touch(day: date) -> None:
    start, end = quarter_period(*quarter_of_date(day))

    assert start <= day <= end
    assert (
        quarter_of_date(start - timedelta(days=1)) != quarter_of_date(day) != quarter_of_date(end + timedelta(days=1))
    )


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - months
    return date(index // 12, index % 12 + 1, 1)


@given(YEARS, st.integers(1, 12), st.data())
def test_a_columns_period_is_read_in_every_spelling(year: int, month: int, data: st.DataObject) -> None:
    end = month_end(year, month)
    name = data.draw(st.sampled_from([MONTHS[month - 1], MONTHS[month - 1][:3], MONTHS[month - 1][:3].upper()]))
    shown = data.draw(st.sampled_from([str(year), str(year)[2:], f"'{str(year)[2:]}"]))
    words, months = data.draw(
        st.sampled_from(
            [
                ("12 mths to", 12),
                ("12 months to", 12),
                ("Yr to", 12),
                ("12 months ending", 12),
                ("Quarter to", 3),
                ("Qtr to", 3),
                ("3 months to", 3),
                ("Quarter ended", 3),
            ]
        )
    )

    assert period(f"{words} {name} {shown}") == Period(months_before(end, months), end)


@given(YEARS, st.integers(1, 12), st.integers(1, 12), DASH, st.booleans())
def test_a_range_of_months_is_read_with_one_year_or_two(
    year: int, first: int, months: int, dash: str, both: bool
) -> None:
    start = date(year, first, 1)
    last = months_before(start, -months + 2)
    end = month_end(last.year, last.month)
    names = MONTHS[start.month - 1][:3], MONTHS[end.month - 1][:3]
    own = f" {str(start.year)[2:]}" if both else ""
    if months == 12 and not own and first != 1:
        return  # "Apr - Mar 24" does not say that it is a whole year

    assert period(f"{names[0]}{own}{dash}{names[1]} {str(end.year)[2:]}") == Period(start, end)


@given(YEARS, st.sampled_from([("Apr", "Jun", 1), ("Jul", "Sep", 2), ("Oct", "Dec", 3), ("Jan", "Mar", 4)]), DASH)
def test_a_quarter_by_its_months_and_financial_year_is_that_quarter(
    year: int, months: tuple[str, str, int], dash: str
) -> None:
    first, last, n = months
    short = f"{str(year)[2:]}/{str(year + 1)[2:]}"

    assert period(f"{first}{dash}{last} {short}") == Period(*quarter_period(f"{year}/{str(year + 1)[2:]}", n))


@given(st.integers(0, 99), st.integers(0, 999), st.integers(0, 999), st.sampled_from(["", "a", "B"]), st.data())
def test_a_case_reference_is_read_from_titles_and_addresses(
    year: int, middle: int, last: int, letter: str, data: st.DataObject
) -> None:
    between = data.draw(st.sampled_from([" ", "\u00a0", "-", "\u202f"]))
    printed = f"{year:02d}{between}{middle:03d}{between}{last:03d}{letter}"
    text = data.draw(st.sampled_from([f"Kent County Council ({printed})", f"/decisions/education/{printed}/", printed]))

    assert case_reference(text) == f"{year:02d} {middle:03d} {last:03d}{letter.lower()}"


@given(st.one_of(ANYTHING, NEARLY))
def test_nothing_that_is_printed_makes_the_readers_of_values_stumble(text: str) -> None:
    for read in (number, count, uk_date, quarter, financial_year, period, case_reference, matching, collapse):
        read(text)


@given(st.one_of(ANYTHING, NEARLY))
def test_what_is_collapsed_once_stays_so(text: str) -> None:
    assert collapse(collapse(text)) == collapse(text)
    assert "  " not in collapse(text)


def test_amounts_in_millions_beside_whole_pounds_are_in_pounds() -> None:
    values, targets = in_one_unit(
        [value_of("£950,000"), value_of("")], [target_of("£1.2m"), target_of("£0.9m - £1.1m")]
    )
    assert [value.value for value in values] == [950_000, None]
    assert targets[0].value == 1_200_000
    assert (targets[1].low, targets[1].high, targets[1].unit) == (900_000, 1_100_000, "£")


def test_amounts_in_one_scale_stay_as_printed_and_other_units_are_left_alone() -> None:
    assert in_one_unit([value_of("£1.1m")], [target_of("£1.2m")]) == ([value_of("£1.1m")], [target_of("£1.2m")])
    assert in_one_unit([value_of("97%")], [target_of("90")])[0][0].value == 97
    assert in_one_unit([value_of("5 days")], [target_of("£1.2m")])[1][0].value == 1.2
