"""Counts of ratings in running text: every way in which Kent's papers have put them, and what must give nothing."""

import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import narrative, pdf
from parsers.records import RagCount, StatedIn
from parsers.text import COUNT_WORDS


class Counted(NamedTuple):
    """A count without its evidence: total, ratings, directions."""

    total: int | None = None
    green: int | None = None
    amber: int | None = None
    red: int | None = None
    improving: int | None = None
    stable: int | None = None
    worsening: int | None = None


def said(text: str, year: str | None = None, quarter: int | None = None) -> list[RagCount]:
    return narrative.counts(text, stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)


def counted(count: RagCount) -> Counted:
    return Counted(*(getattr(count, name) for name in Counted._fields))


def whole(text: str, year: str | None = None, quarter: int | None = None) -> Counted | None:
    """The one count for the whole council; None where there is none, a failure where there are others."""
    found = said(text, year, quarter)
    assert [c.service for c in found] in ([], [None])
    return counted(found[0]) if found else None


# One item a quarter, in the style of that quarter's minutes, with that quarter's published figures.
QUARTERS = [
    (
        "2012/13 Q3",
        "Quarter 3 of 2012-13 was considered. The paper contained the 30 Key Performance Indicators that the"
        " Council had"
        " chosen, with a number of lead indicators.\n\nReds among them were reduced by 4, and the rest were moving the"
        " right way.",
        ("2012/13", 3),
        Counted(total=30),
    ),
    (
        "2014/15 Q1",
        "To note the position against 40 Key Performance Indicators, for Quarter 1 of the 2014-15 financial year.\n\n"
        "ii.  Thatthe picturewas goodwith 23ofthe KeyPerformance Indicators havingshown apositive directionoftravel and"
        " only12 falling and  reporting  62.5%  as  ‘Green’  which  meant  achieving  or surpassingtargets.",
        ("2014/15", 1),
        Counted(total=40, green=25, improving=23, worsening=12),
    ),
    (
        "2014/15 Q2",
        "The figures went up to the end of September 2014, quarter 2. Only one Key Performance Indicator (KPI) was"
        " shown"
        " as ‘Red’.\n\nThat three KPI’s had moved out of red status since the spring.",
        ("2014/15", 2),
        Counted(red=1),
    ),
    (
        "2018/19 Q4",
        "Quarter 4, 2018/19. Of the 35 Key Performance Indicators (KPIs) in the report 22 were rated as Green, 10 were"
        " rated as Amber and 3 were rated as Red.\n\nThe Leader was pleased with 22 of the 35 KPIs rated as Green."
        " Of the"
        " 10 rated Amber, all had reached the floor standard. There were 3 Red measures:",
        ("2018/19", 4),
        Counted(35, 22, 10, 3),
    ),
    (
        "2019/20 Q1",
        "Results for the first quarter to the end of June 2019. Of the 35 Key Performance Indicators (KPIs) contained"
        " within it 24 were rated as Green, 7 were Amber and 4 were Red.\n\n2. Three KPIs had moved to Green,"
        " namely:\n\n"
        "3. The number of KPIs rated red had increased from 3 to 4, namely:",
        ("2019/20", 1),
        Counted(35, 24, 7, 4),
    ),
    (
        "2019/20 Q2",
        "Results to the end of September 2019. The table showed a good position, the number of green rated indicators"
        " increasing to 28.\n\n5. Two KPIs continued to perform below target and were RAG rated red:\n\na. Health"
        " checks.",
        ("2019/20", 2),
        Counted(green=28, red=2),
    ),
    (
        "2020/21 Q1",
        "Quarter 1, 2020/21. She said: in Adult Social Care two indicators had been replaced by three new ones. Of"
        " the 35"
        " indicators, 22 had been RAG-rated green, meaning on or ahead of target, and this was a decrease of one"
        " compared"
        " with the previous quarter; 10 indicators had reached or exceeded the floor standard and were RAG-rated amber,"
        " while three indicators had not achieved the floor standard and were RAG-rated red. One of the indicators"
        " rated"
        " red concerned plans for pupils and the other two fell under Public Health.",
        ("2020/21", 1),
        Counted(35, 22, 10, 3),
    ),
    (
        "2020/21 Q4",
        "The Chief Analyst presented Quarter 4, with results of 35 key performance indicators (KPIs) from January up to"
        " the end of March 2021. Ratings are red, amber or green. In this Quarter, 2 more KPIs were rated green than in"
        " Quarter 3. 22 of the KPIs were ‘RAG’ rated as green, 10 rated as amber and 3 performing below target rated as"
        " red.\n\n2) The 3 areas ‘RAG’ rated as red were:",
        ("2020/21", 4),
        Counted(35, 22, 10, 3),
    ),
    (
        "2021/22 Q1",
        "Quarter 1, for the three months to the end of June 2021. 22 of the KPIs were RAG rated green, 9 were RAG rated"
        " amber and 2 were RAG rated red.",
        ("2021/22", 1),
        Counted(green=22, amber=9, red=2),
    ),
    (
        "2021/22 Q2",
        "Quarter 2, reporting results until the end of September 2021. 26 KPIs were RAG rated green, four amber and"
        " three"
        " red. 12 indicators showed a statistically significant improving trend. Only 2 indicators showed a"
        " deterioration.",
        ("2021/22", 2),
        Counted(green=26, amber=4, red=3, improving=12, worsening=2),
    ),
    (
        "2021/22 Q3",
        "2021/2022 Quarter 3. There were 27 KPIs rated green, 3 rated amber and 3 rated red. In terms of direction of"
        " travel, 11 indicators showed a statistically significant improving trend and only 4 had deteriorated.",
        ("2021/22", 3),
        Counted(green=27, amber=3, red=3, improving=11, worsening=4),
    ),
    (
        "2021/22 Q4",
        "Quarter 4 of 2021-22. 24 KPIs were rated Green, 6 were Amber and 3 were Red, and only 5 KPIs had shown"
        " deterioration.",
        ("2021/22", 4),
        Counted(green=24, amber=6, red=3, worsening=5),
    ),
    (
        "2022/23 Q1",
        "For Quarter 1, 2022/23, out of the 37 KPIs in the Quarterly Performance Report (QPR), 21 achieved target"
        " (rated"
        " green), 8 achieved and exceeded the floor standard without meeting the target (rated amber), and 8 did not"
        " meet floor standard (rated red). Five KPIs had a positive trend, 27 were stable and five had a negative"
        " trend."
        " Six KPIs were new, and ten targets had been raised.",
        ("2022/23", 1),
        Counted(37, 21, 8, 8, 5, 27, 5),
    ),
    (
        "2022/23 Q2",
        "In Quarter 2 2022/23, out of the 37 KPIs within the QPR 17 achieved target (rated green), 13 achieved and"
        " exceeded the floor standard but did not meet target (rated amber) and 7 did not meet floor standard"
        " (rated red).",
        ("2022/23", 2),
        Counted(37, 17, 13, 7),
    ),
    (
        "2022/23 Q3",
        "Quarter 3 (2022/23): out of 37 KPIs, 15 achievedtarget(rated green), 16achieved and exceededthe"
        " floorstandard but"
        " didnot meet the target(rated amber),and 6didnot meet floorstandard(rated red).Members welcomed this.",
        ("2022/23", 3),
        Counted(37, 15, 16, 6),
    ),
    (
        "2022/23 Q4",
        "Q4, 2022-2023: out of 37 Key Performance Indicators (KPIs) held in the report, 15 achieved target (rated"
        " green),"
        " 10 achieved and exceeded the floor standard, not the target (rated amber), and 12 did not"
        " meet floor"
        " standard (rated red). Some amber rated KPIs had a worsening direction of travel.",
        ("2022/23", 4),
        Counted(37, 15, 10, 12),
    ),
    (
        "2023/24 Q1",
        "Quarter 1 (Q1), April to June 2023. Out of the 38 KPIs in the QPR, 16 achieved or exceeded target (rated"
        " Green),"
        " 11 exceeded the floor standard, not the target (rated Amber), and 11 did not"
        " meet floor"
        " standard (rated Red).On travel, four indicators showed a positive trend (two more than in the"
        " Quarter before), 24 were stable or with no clear trend (no change) and 10"
        " were showing a negative trend (one fewer than in the Quarter before).",
        ("2023/24", 1),
        Counted(38, 16, 11, 11, 4, 24, 10),
    ),
    (
        "2023/24 Q2",
        "Quarter 2, 2023-24. Of the 38 KPIs, 15 achieved or exceeded target (rated Green), 15 achieved the floor"
        " standard"
        " but not the target (rated Amber), and eight did not meet floor standard (rated Red). Seven indicators"
        " showed a"
        " positive trend, 19 were stable or with no clear trend and 12 showed a negative trend.",
        ("2023/24", 2),
        Counted(38, 15, 15, 8, 7, 19, 12),
    ),
    (
        "2023/24 Q3",
        "Quarter 3, 2023/24: out of the 38 KPIs 17achieved or exceeded target (rated Green), 12achieved or exceeded the"
        " floor standard but did not meet the target (rated Amber), and 9did not meet floor standard (rated Red). 7"
        " showed"
        " a positive trend (no change), 20 no clear trend and 11 a negative trend (one fewer than in Quarter 2).",
        ("2023/24", 3),
        Counted(38, 17, 12, 9, 7, 20, 11),
    ),
    (
        "2023/24 Q4",
        "Quarter 4 (Q4), with data up to the end of March 2024. Out of the 38 KPIs in the report, 17 achieved or"
        " exceeded"
        " target (rated Green), 11 achieved or exceeded the floor standard but did not meet the target (rated"
        " Amber), and"
        " 10 did not meet floor standard (rated Red).",
        ("2023/24", 4),
        Counted(38, 17, 11, 10),
    ),
    (
        "2024/25 Q1",
        "Quarter 1 (Q1), with data up to the end of June 2024. Out of the 40 KPIs in the QPR, 17 achieved or exceeded"
        " target (rated Green), 14 achieved or exceeded the floor standard but did not meet the target (rated"
        " Amber), and"
        " 8 did not meet floor standard (rated Red). The analysis of direction of travel indicated 11 with a"
        " positive trend"
        " (2 more than the previous Quarter); 21 were stable or with no clear trend (one more than the previous"
        " Quarter),"
        " and 7 were showing a negative trend (2 fewer than the previous Quarter). This was unlike Q1 for 2023-2024"
        " where"
        " only 4 indicators had a positive trend and 10 were showing a negative trend.",
        ("2024/25", 1),
        Counted(40, 17, 14, 8, 11, 21, 7),
    ),
    (
        "2024/25 Q2",
        "Q2 2024-2025. Out of the 40 KPIs contained in the QPR, 16 achieved or exceeded target (rated Green) and 15"
        " achieved or exceeded the floor standard but did not meet the target (rated Amber). Eight KPIs did not"
        " meet floor"
        " standard (rated Red) and one had no data at time of publication. 11 indicators showed a positive trend"
        " (the same"
        " as the previous Quarter), 22 were stable or with no clear trend (one more than the previous Quarter) and six"
        " showed a negative trend (one fewer than the previous Quarter).",
        ("2024/25", 2),
        Counted(40, 16, 15, 8, 11, 22, 6),
    ),
    (
        "2024/25 Q3, as a report prints it",
        "In Quarter 3, 2024/25, 17 of the 381 indicators are rated as Green, on target or above (one more than last\n"
        "Quarter). 12 indicators reached or exceeded the floor standard and are rated Amber (three fewer than last\n"
        "Quarter), with nine indicators not achieving the floor standard and so RAG rated Red (one more than last\n"
        "Quarter). Ten indicators were showing an improving trend (one fewer than last Quarter), with six showing a\n"
        "worsening trend (the same as last Quarter).",
        ("2024/25", 3),
        Counted(38, 17, 12, 9, 10, None, 6),
    ),
    (
        "2025/26 Q3",
        "Quarter 3 (Q3, 2025/26) ran to December 2025. Of the 39 KPIs reported, 18 were rated Green (2 fewer than the"
        " previous quarter) 15 were rated Amber (one more than the previous quarter) and 6 were rated Red (one more"
        " than"
        " the previous quarter). With regards to Direction of Travel, 6  indicators showed a positive trend, 29"
        " were stable"
        " or with no clear trend, and 4 showed a negative trend.\n\n2. 7 indicators were proposed for removal and"
        " 11 new"
        " indicators for addition, a net increase of 4 indicators; a framework of around 130 national metrics was"
        " coming,"
        " and a new section came with three new KPIs.",
        ("2025/26", 3),
        Counted(39, 18, 15, 6, 6, 29, 4),
    ),
]


@pytest.mark.parametrize(("text", "period", "expected"), [q[1:] for q in QUARTERS], ids=[q[0] for q in QUARTERS])
def test_each_quarters_minutes_give_the_published_counts(text: str, period: tuple[str, int], expected: Counted) -> None:
    found = said(text)

    assert [(counted(c), c.service) for c in found] == [(expected, None)]
    assert (found[0].financial_year, found[0].quarter) == period


@pytest.mark.parametrize(
    "text",
    [
        "Where performance indicators were recorded as red and the direction of travel was not positive, a board met.",
        "The majority of indicators were classed as ‘green’ and more were moving up than down.",
        "The report was largely positive, and robust assurance of its statistics mattered.",
        "A higher number of improving indicators than of those showing a decline was noted.",
    ],
)
def test_what_is_only_said_in_general_counts_nothing(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Of the 38 KPIs, 17 were Green, 12 Amber and nine Red.", Counted(38, 17, 12, 9)),
        ("There were 38 KPIs: 17 Green, 12 Amber and 9 Red.", Counted(38, 17, 12, 9)),
        ("The report covered 38 KPIs, of which 17 were Green, 12 Amber and 9 Red.", Counted(38, 17, 12, 9)),
        ("The RAG position of the 38 KPIs was Green: 17, Amber: 12, Red: 9.", Counted(38, 17, 12, 9)),
        ("Green rated KPIs: 17\nAmber rated KPIs: 12\nRed rated KPIs: 9", Counted(None, 17, 12, 9)),
        ("Of the 38 KPIs:\n\n• 17 Green\n• 12 Amber\n• 9 Red", Counted(38, 17, 12, 9)),
        ("Of the 38 KPIs:\n\n• Green – 17\n• Amber – 12\n• Red – 9", Counted(38, 17, 12, 9)),
        ("17 (45%) of the 38 KPIs were rated Green, 12 (32%) Amber and 9 (24%) Red.", Counted(38, 17, 12, 9)),
        ("Nine of the 38 indicators are rated Red, twelve Amber and 17 Green.", Counted(38, 17, 12, 9)),
        ("“17” KPIs were “RAG-rated” ‘GREEN’, “12” ‘AMBER’ and “9” ‘RED’.", Counted(None, 17, 12, 9)),
        ("The number of KPIs rated Green was 17, Amber 12 and Red 9.", Counted(None, 17, 12, 9)),
        ("No KPIs were rated Red. 30 KPIs were rated Green and five Amber.", Counted(None, 30, 5, 0)),
        ("None of the 35 KPIs were rated Red, 30 were Green and five Amber.", Counted(35, 30, 5, 0)),
        (
            "The number of Red KPIs fell from nine to seven and Green KPIs rose from 17 to 19.",
            Counted(None, 19, None, 7),
        ),
        ("Two further KPIs had been rated Red, bringing the number of Red KPIs to nine.", Counted(red=9)),
        ("17 KPIs were Green, up from 16 last quarter; 12 Amber, down from 15; nine Red.", Counted(None, 17, 12, 9)),
        (
            "17 KPIs were rated Green, compared to 16 in the previous quarter, 12 Amber and nine Red.",
            Counted(None, 17, 12, 9),
        ),
        ("17 KPIs were Green (+1), 12 Amber (-3) and nine Red (no change).", Counted(None, 17, 12, 9)),
        ("Of the 38 KPIs, 63% were rated Green and 24 Green.", Counted(38, 24)),
        ("50% of the 35 KPIs were rated Green.", Counted(35)),
        (
            "The direction of travel for the KPIs was: 10 up, 22 flat, 6 down.",
            Counted(None, None, None, None, 10, 22, 6),
        ),
        (
            "21 KPIs were rated Green; the direction of travel was upward for five, stable for 27 and downward for"
            " four.",
            Counted(None, 21, None, None, 5, 27, 4),
        ),
        (
            "Out of 38 indicators, 17 have met target, 12 have met the floor standard but not the target, and nine have"
            " failed to meet the floor standard.",
            Counted(38, 17, 12, 9),
        ),
        (
            "14 of the 18 KPIs achieved target and were RAG rated green, one KPI was below target but did achieve"
            " the floor"
            " standard and was therefore RAG rated amber, and three KPIs did not achieve floor standard and were red.",
            Counted(18, 14, 1, 3),
        ),
        ("Of the 19 key performance indicators (KPIs) 9 were rated green, 4 amber and 5 red.", Counted(19, 9, 4, 5)),
        ("The QPR contained 38 KPIs. Of these, 17 were rated Green, 12 Amber and 9 Red.", Counted(38, 17, 12, 9)),
        ("A total of 38 KPIs were reported, 17 of which were Green, 12 Amber and 9 Red.", Counted(38, 17, 12, 9)),
        ("38 KPIs were included in the report, with 17 rated Green, 12 Amber and nine Red.", Counted(38, 17, 12, 9)),
        ("The majority of KPIs (24) were rated green, six were amber and three red.", Counted(None, 24, 6, 3)),
        ("22/35 KPIs were Green, 10/35 Amber and 3/35 Red.", Counted(35, 22, 10, 3)),
        ("Seventeen of the 38 KPIs were Green. Twelve were Amber. Nine were Red.", Counted(38, 17, 12, 9)),
        ("Of the 38 KPIs in this quarter's report,17 were Green,12 were Amber and9 Red.", Counted(38, 17, 12, 9)),
        ("16 (no change) KPIs were rated Green.", Counted(green=16)),
        ("He said 24 (two-thirds) of the KPIs were rated Green.", Counted(green=24)),
        (
            "The number of indicators rated as Green had increased to 28 with just two rated Red.",
            Counted(None, 28, None, 2),
        ),
        (
            "Green KPIs had gone up by one to 17, Amber KPIs down by three to 12 and Red KPIs up by one to nine.",
            Counted(None, 17, 12, 9),
        ),
        ("12 indicators showed statistically significant improvement.", Counted(improving=12)),
        ("All 38 KPIs have Red Amber Green ratings.", Counted(38)),
        ("17 KPIs were Green. Of the savings, twelve were Amber and nine Red.", Counted(green=17)),
        ("Of the 38 KPIs, 8 were Red. It was added that all five KPIs exceeded target.", Counted(total=38, red=8)),
        (
            "As to Direction of Travel, 10 KPIs show a positive trend, one fewer than the previous Quarter, 22 are"
            " stable, the"
            " same as the previous Quarter, and six show a negative trend, the same as the previous Quarter.",
            Counted(improving=10, stable=22, worsening=6),
        ),
        ("Nine indicators had an upward direction of travel and 20 were flat.", Counted(improving=9, stable=20)),
    ],
)
def test_other_ways_to_put_it(text: str, expected: Counted) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # Other things that are green, amber or red.
        "The Green Belt review identified 12 sites, of which 9 were rated red for flood risk.",
        "Of the 40 savings proposals, 20 were BRAG-rated green, 12 amber and 8 red.",
        "Three risks were rated red and 12 amber in the corporate risk register.",
        "The Red Cross supported 38 families, with 12 volunteers in Amber Valley.",
        "10 schemes are rated green, 5 amber and 2 red.",
        "Green infrastructure would create 17 new green spaces, and 12 Amber Alerts were issued.",
        "The lights at junction 7 turned red after 12 seconds and green after 20.",
        "The budget was rated red; 12 of the 38 projects were amber.",
        "Members noted 3 red rated risks within the QPR's 16 corporate risks.",
        "The target for 12 Green Flag parks was met.",
        "97% of KPI data was submitted on time and two returns were red flagged.",
        "Previous: 562 (Green) Latest: 553 (Green). This KPI is reported on a rolling basis.",
        # A part of the indicators.
        "Of the 12 KPIs in the highways contract, 9 were green and 3 red.",
        "Two Highways KPIs were rated Red.",
        "Three KPIs in Adult Social Care were rated Green and two Amber.",
        "In Children, Young People and Education, four indicators were rated Red.",
        "The KPIs for libraries improved: two were green.",
        "The two KPIs relating to potholes were rated Green.",
        "One of the indicators rated red related to health and the other two to schools.",
        "Five of those KPIs missing target also showed a negative direction of travel.",
        "Of the Red KPIs, two were improving and three worsening.",
        "Four of the KPIs rated Red showed a positive trend.",
        "Public Health KPIs: all five met target.",
        "All five KPIs meet or exceed their target, and two of these are on an improving trend.",
        "Five other KPIs were rated amber and one green.",
        "Two KPIs were on green waste and one on green spaces.",
        "562 KPIs were rated Green.",
        # Changes, and other quarters.
        "Three KPIs had moved to Green in this quarter.",
        "Two KPIs moved from Green to Amber, and one from Amber to Red.",
        "Members asked why two indicators rated Red last quarter were now Amber.",
        "In the previous quarter, 16 KPIs were rated Green and eight Red.",
        # Not certain, or not so.
        "About 20 KPIs were rated Green.",
        "Up to nine KPIs were rated Red.",
        "More than half of the KPIs were green and fewer than ten were Red.",
        "KPIs would be rated Green if within 5 of target, Amber within 10 and Red beyond 10.",
        "It was expected that 20 KPIs would be rated Green by March.",
        "Ten KPIs were Amber or Red.",
        "The Amber KPIs were discussed by 12 Members.",
        "Seven indicators were proposed for removal and 11 new indicators were proposed.",
    ],
)
def test_what_does_not_count_all_indicators_gives_nothing(text: str) -> None:
    assert said(text) == []


def test_another_quarters_counts_are_left_out_beside_this_ones() -> None:
    text = "In Quarter 3, 17 KPIs were Green; in Quarter 2, 16 KPIs were Green and eight Red."

    assert whole(text, "2024/25", 3) == Counted(green=17)


def test_a_set_stated_for_earlier_quarters_is_not_this_ones() -> None:
    text = (
        "The Quarter 3 report includes 38 Key Performance Indicators (KPIs). 40 KPIs were reported in Quarters 1 &"
        " 2 but"
        " two have been removed. 17 KPIs are rated Green."
    )

    assert whole(text, "2024/25", 3) == Counted(total=38, green=17)


def test_the_first_statement_stands_and_one_that_contradicts_it_is_not_mixed_in() -> None:
    text = (
        "Of the 38 KPIs, 17 were Green, 12 Amber and nine Red."
        " Later 16 KPIs were Green and 10 were showing an improving trend."
    )

    (count,) = said(text)

    assert counted(count) == Counted(38, 17, 12, 9)
    assert count.quote == "Of the 38 KPIs, 17 were Green, 12 Amber and nine Red."


def test_counts_that_do_not_add_up_are_given_as_printed() -> None:
    assert whole("Of the 40 KPIs, 17 were Green, 14 Amber and 8 Red.") == Counted(40, 17, 14, 8)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("17 of the 381 indicators are Green, 12 Amber and nine Red.", 38),
        ("17 of the 3812 indicators are Green, 12 Amber and nine Red.", None),
        ("17 of the 38¹ indicators are Green, 12 Amber and nine Red.", 38),
        ("17 of the 381 indicators are Green, 12 Amber and eight Red; one has no rating.", 38),
        ("17 of the 381 indicators are Green.", None),
        ("97 of the 138 indicators are Green, 32 Amber and nine Red.", 138),
    ],
)
def test_a_footnote_mark_behind_the_total_is_no_digit_of_it(text: str, total: int | None) -> None:
    count = whole(text)

    assert count is not None
    assert count.total == total


def test_the_other_six_count_where_the_total_confirms_them() -> None:
    sentence = (
        "Public Health – Three of the nine indicators met target, with the other {} achieving the floor standard."
    )

    confirmed, unconfirmed = said(sentence.format("six")), said(sentence.format("five"))

    assert counted(confirmed[0]) == Counted(total=9, green=3, amber=6)
    assert counted(unconfirmed[0]) == Counted(total=9, green=3)


def test_a_paragraph_that_names_its_service_counts_for_that_service_only() -> None:
    text = (
        "Of the 38 KPIs, 17 were Green, 12 Amber and nine Red.\n"
        "Integrated Children’s Services – Two of the eight indicators met target, as before. The two\n"
        "Amber and four Red KPIs reflect the pressures. Of the four Red KPIs, only one improved.\n"
        "Adult Social Care – Two KPIs are rated Green, three are Amber and one is Red."
    )

    found = said(text)

    assert [(c.service, counted(c)) for c in found] == [
        (None, Counted(38, 17, 12, 9)),
        ("Integrated Children’s Services", Counted(8, 2, 2, 4)),
        ("Adult Social Care", Counted(None, 2, 3, 1)),
    ]
    assert found[2].quote == "Adult Social Care – Two KPIs are rated Green, three are Amber and one is Red."


def test_a_part_of_a_service_is_not_the_service() -> None:
    assert said("Environment and Transport – Three of the four indicators for Highways remained above target.") == []


def test_what_stands_under_a_services_heading_is_not_the_councils() -> None:
    text = "3. Environment and Transport\n\na. Two indicators were rated Red.\n\n4. Three KPIs were rated Amber."

    assert whole(text) == Counted(amber=3)


def test_the_quote_is_the_sentence_as_printed() -> None:
    text = "It rained. Of the 38  KPIs, 17 were\nrated ‘Green’ (one more than the previous Quarter). It stopped."

    (count,) = said(text)

    assert count.quote == "Of the 38 KPIs, 17 were rated ‘Green’ (one more than the previous Quarter)."


def test_sentences_apart_are_quoted_with_a_gap() -> None:
    (count,) = said("Of the 38 KPIs, 17 were Green. The Leader spoke. 12 KPIs were Amber.")

    assert count.quote == "Of the 38 KPIs, 17 were Green. … 12 KPIs were Amber."


def test_of_several_pages_the_one_that_says_most_is_cited() -> None:
    pages = [
        (1, "Of the 38 KPIs, 17 were Green."),
        (2, "Of the 38 KPIs, 17 were Green, 12 Amber and nine Red."),
        (3, "Ten indicators were showing an improving trend."),
    ]

    (count,) = narrative.counts_in(pages, stated_in=StatedIn.COVER)

    assert (count.page, counted(count)) == (2, Counted(38, 17, 12, 9, 10))
    assert (
        count.quote
        == "Of the 38 KPIs, 17 were Green, 12 Amber and nine Red. Ten indicators were showing an improving trend."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quarterly Performance Report, Q1 2024-2025", ("2024/25", 1)),
        ("Quarter 2, reporting results until the end of September 2021", ("2021/22", 2)),
        ("Quarter 1 (Q1), April to June 2023", ("2023/24", 1)),
        ("Quarter 4, from January up to the end of March 2021", ("2020/21", 4)),
        ("the second quarter of 2023-24", ("2023/24", 2)),
        ("as at quarter 2, based on data up to September 2014", ("2014/15", 2)),
        ("forQuarter1 of2014-15", ("2014/15", 1)),
        ("Quarter 1, up to the end of June 2024, unlike Q1 for 2023-2024", ("2024/25", 1)),
        ("Quarter 3", None),
        ("in 2023/24", None),
        ("to the end of May 2019", None),
        ("Quarters 1 and 2 of 2024/25", None),
    ],
)
def test_the_quarter_is_read_where_it_is_said_and_not_guessed(text: str, expected: tuple[str, int] | None) -> None:
    assert narrative.period(text) == expected


def test_a_given_period_is_kept() -> None:
    (count,) = said("Quarter 2, 2023/24. Of the 38 KPIs, 17 were Green.", "2023/24", 2)

    assert (count.financial_year, count.quarter) == ("2023/24", 2)


@pytest.mark.parametrize(
    ("title", "committee", "expected"),
    [
        ("Quarterly Performance Report - Quarter 3 - 2025-2026", "Cabinet", narrative.Subject(True)),
        ("Quarter 3 - Performance Monitoring Report", None, narrative.Subject(True)),
        ("Performance Monitoring - Quarter 4 - 2014-15", "Cabinet", narrative.Subject(True)),
        (
            "Performance Dashboard",
            "Environment & Transport Cabinet Committee",
            narrative.Subject(True, "Environment & Transport"),
        ),
        ("Public Health Performance Dashboard", None, narrative.Subject(True, "Public Health")),
        ("Performance Dashboard", None, narrative.Subject(True)),
        ("Cabinet Member Updates", "Cabinet", narrative.Subject(False)),
        ("Treasury Management Quarter 2 performance", "Cabinet", narrative.Subject(False)),
        ("24/00108 - Revenue and Capital Budget Monitoring Report", "Cabinet", narrative.Subject(False)),
    ],
)
def test_a_title_tells_whose_indicators_are_counted(
    title: str, committee: str | None, expected: narrative.Subject
) -> None:
    assert narrative.subject(title, committee) == expected


def test_a_count_that_could_not_be_read_is_shown_to_the_operator() -> None:
    sentence = "Of the indicators about 20 were Green and roughly ten Red."

    assert narrative.unread(f"The report was noted. {sentence}") == [sentence]
    assert narrative.unread("Of the 38 KPIs, 17 were Green and nine Red. The Red and Amber KPIs were discussed.") == []


# --- any numbers, any of the wordings ------------------------------------------------------

WORDS = {number: word for word, number in reversed(COUNT_WORDS.items()) if word not in ("no", "none", "both", "zero")}
NOUNS = (
    "KPIs",
    "indicators",
    "Key Performance Indicators",
    "key performance indicators (KPIs)",
    "performance indicators",
)
RATED = {
    "green": (
        "rated Green",
        "were rated as Green",
        "were RAG-rated green",
        "achieved target (rated green)",
        "are ‘Green’",
    ),
    "amber": (
        "rated Amber",
        "were 'RAG' rated as amber",
        "achieved the floor standard but did not meet the target (rated Amber)",
        "reached or exceeded the floor standard (Amber)",
    ),
    "red": (
        "rated Red",
        "were RED",
        "did not meet floor standard (rated red)",
        "did not meet the floor standard (Red)",
    ),
    "improving": ("showed a positive trend", "were showing an improving trend", "were on an upward trend"),
    "stable": ("were stable or with no clear trend", "were stable", "showed no clear trend"),
    "worsening": ("showed a negative trend", "were showing a worsening trend", "were declining"),
}
DELTAS = (
    "",
    " (one more than the previous Quarter)",
    " (3 fewer than last quarter)",
    " (no change)",
    " (the same as in Q1)",
)


@st.composite
def stated(draw: st.DrawFn) -> tuple[str, Counted]:
    """A text made of the wordings above, and what it says."""
    numbers = {what: draw(st.integers(1, 60)) for what in narrative.RATINGS}
    total = sum(numbers.values())
    first, second = sorted((draw(st.integers(0, total)), draw(st.integers(0, total))))
    numbers |= dict(zip(narrative.DIRECTIONS, (first, second - first, total - second), strict=True))
    lead = draw(
        st.sampled_from(["Of the {} {}, ", "Out of the {} {} contained within the QPR, ", "Of {} {} reported, "])
    )

    def part(what: str) -> str:
        number = numbers[what]
        shown = WORDS[number] if 0 < number <= 12 and draw(st.booleans()) else str(number)
        return f"{shown} {draw(st.sampled_from(RATED[what]))}{draw(st.sampled_from(DELTAS))}"

    def series(keys: tuple[str, ...]) -> str:
        a, b, c = (part(what) for what in draw(st.permutations(keys)))
        return draw(st.sampled_from([f"{a}, {b} and {c}.", f"{a}, {b}, and {c}.", f"{a}; {b}; {c}."]))

    ratings = lead.format(total, draw(st.sampled_from(NOUNS))) + series(narrative.RATINGS)
    directions = "With regards to Direction of Travel, " + series(narrative.DIRECTIONS)
    return f"Mr Example spoke. {ratings} {directions} RESOLVED to note the report.", Counted(total, **numbers)


@given(stated())
def test_whatever_the_numbers_and_the_wording_the_counts_come_back(case: tuple[str, Counted]) -> None:
    text, expected = case

    assert whole(text, "2024/25", 2) == expected


@given(stated(), st.randoms(use_true_random=False))
def test_lost_blanks_change_nothing(case: tuple[str, Counted], random: object) -> None:
    text, expected = case
    glued = text
    for pair in ("floor standard", "achieved target", "of the", "did not", "positive trend", "clear trend"):
        if random.random() < 0.5:  # type: ignore[attr-defined]
            glued = glued.replace(pair, pair.replace(" ", ""))

    assert whole(glued, "2024/25", 2) == expected


@given(st.text(alphabet="redgnamb KPIs0123456789()[]–-.,;:%'\"\n", max_size=120))
def test_no_text_at_all_makes_it_stumble(text: str) -> None:
    said(text)
    narrative.unread(text)


def test_a_hostile_text_is_read_in_reasonable_time() -> None:
    started = time.process_time()
    said("of the " * 3000 + "12 KPIs " * 2000 + "(" * 5000)
    said("rated green " * 5000)
    said(("1 " * 1000 + ". ") * 20)
    said(("12 KPIs " * 250 + ". ") * 20)
    said("a.B" * 5000)

    assert time.process_time() - started < 10


# --- the real papers -----------------------------------------------------------------------


def pages_of(path: Path) -> list[tuple[int | None, str]]:
    with pdf.open_pdf(path.read_bytes()) as document:
        return [(number, text) for number, text in enumerate(document.texts(), start=1)]


@pytest.mark.papers
def test_the_real_report_says_of_itself_what_it_says(papers: Path) -> None:
    pages = pages_of(papers / "cabinet" / "2025-03-04" / "QPR Q3 Cabinet appendix 1.pdf")[:8]

    found = narrative.counts_in(pages, stated_in=StatedIn.REPORT)

    assert [(c.page, c.service, counted(c)) for c in found] == [
        (3, None, Counted(38, 17, 12, 9, 10, None, 6)),
        (6, "Integrated Children’s Services", Counted(8, 2, 2, 4)),
        (6, "Adult Social Care", Counted(None, 2, 3, 1)),
        (7, "Public Health", Counted(5, 3)),
    ]
    assert (found[0].financial_year, found[0].quarter) == ("2024/25", 3)


@pytest.mark.papers
def test_the_reset_report_of_2020_says_of_itself_what_it_says(papers: Path) -> None:
    found = narrative.counts_in(
        pages_of(papers / "reconstructed" / "qpr_2020_21_q2.pdf")[:6], stated_in=StatedIn.REPORT
    )

    assert [(c.page, c.service, counted(c)) for c in found] == [
        (3, None, Counted(35, 21, 11, 3, 5, None, 8)),
        (5, "Children’s Integrated Services", Counted(9, 3, 6)),
    ]


@pytest.mark.papers
def test_no_other_real_paper_counts_anything(papers: Path) -> None:
    for path in sorted([*papers.glob("cabinet/**/*.pdf"), *papers.glob("council/*.pdf")]):
        if "QPR" not in path.name:
            assert narrative.counts_in(pages_of(path), stated_in=StatedIn.MINUTES) == [], path.name


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("One of the five KPIs met target.", (1, None, 5)),
        ("Only one of eight indicators was rated Red.", (None, 1, 8)),
        ("None of the five KPIs met target.", (0, None, 5)),
        ("Two of the five KPIs met target.", (2, None, 5)),
    ],
)
def test_one_of_several_is_one(sentence: str, said: tuple[int | None, ...]) -> None:
    (count,) = narrative.counts(sentence, stated_in=StatedIn.REPORT)
    assert (count.green, count.red, count.total) == said


@pytest.mark.parametrize(
    "sentence",
    [
        "Timeliness of plans is one of the five KPIs rated Red.",
        "Most of the five KPIs met target.",
        "Some of the eight indicators were rated Amber.",
        "It was noted that any of the six KPIs rated Green could fall.",
    ],
)
def test_how_many_there_are_is_not_how_many_are_rated_so(sentence: str) -> None:
    assert narrative.counts(sentence, stated_in=StatedIn.REPORT) == []
