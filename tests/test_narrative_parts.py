"""What is said of a part, another day or another place; and each quarter in other words than the golden minutes."""

import pytest

from parsers import narrative
from parsers.records import RagCount, StatedIn

NAMES = ("total", "green", "amber", "red", "improving", "stable", "worsening")


def whole(text: str, year: str, quarter: int) -> list[RagCount]:
    found = narrative.counts(text, stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)
    return [count for count in found if count.service is None]


LEAD = "The Key Performance Indicators were presented. Of the 38 KPIs, 10 showed a positive trend. "


@pytest.mark.parametrize(
    "sentence",
    [
        "Of the KPIs in the Growth, Environment and Transport Directorate, nine were Green and two Amber.",
        "Within the Children's directorate 12 KPIs were green and 3 red.",
        "In Highways, 4 of the 5 KPIs were Green and one was Amber.",
        "The Member asked about the three indicators in Adult Social Care rated Red.",
        "Mr Love advised that of his portfolio's 9 indicators, 5 were Green and 4 were Red.",
        "Mr Love advised that five of the indicators for which he was responsible were green.",
        "Mr Baker noted that all four of the Highways KPIs were green.",
        "For public health, all five KPIs were Green.",
        "Public health had five green KPIs and one red.",
        "Customer Services had three KPIs, two green and one red.",
        "The directorate had 10 KPIs of which 7 were Green, 2 Amber and 1 Red.",
        "Within his service, six KPIs were rated Green and two Red.",
        "Of the seven new KPIs, three were Green and four Red.",
        "Of the six additional KPIs, two were Green, two Amber and two Red.",
        "Of those KPIs with raised targets, four had moved from Green to Amber and 2 were Red.",
        "Members asked why eight KPIs were Red when four of them had been Green a year before.",
        "Had targets not been raised, 26 KPIs would have been rated Green and only 3 Red.",
        "If the old targets applied, 26 KPIs were Green.",
        "Against the previous year's targets, 24 KPIs were Green and 4 Red.",
        "Nationally, 14 of 20 indicators were green.",
        "Kent's neighbours had 20 KPIs rated green.",
        "The 2022 report had 22 Green KPIs.",
        "A year ago 22 KPIs were Green, 10 Amber and 3 Red.",
        "This time last year there were 3 Red KPIs.",
        "In June, 15 KPIs had been Green and 10 Red.",
        "At the end of 2022/23, 12 KPIs were Red.",
        "Twelve KPIs had been Red at the year end.",
        "The Chairman observed that three KPIs had been Red for four quarters.",
        "Three KPIs remained Red throughout the year.",
        "Red KPIs: EHCPs (34%), complaints (71%), foster care (72%).",
        "Of the four Red KPIs in ICS, only one had improved.",
        "It was hoped that 20 KPIs would be Green by Quarter 4.",
        "The aim was for 30 Green KPIs and no Red ones.",
        "Two red KPIs were discussed: EHCP plans and complaints.",
        "Mr Smith asked about two Red indicators.",
        "The Committee looked at five Amber indicators in particular.",
        "Questions were asked about the 3 KPIs rated red in Appendix 2.",
        "Ten of the 12 districts had green bin collection; 2 KPIs were missing.",
        "Three of the five KPIs for Adult Social Care and Health were rated Green, and two were Amber.",
        "In relation to Adult Social Care, three KPIs were rated Green, two Amber and one Red.",
        "With regard to Education, two KPIs were rated Red.",
        "On the SEND indicators, four were red.",
        "As for waste: 3 KPIs were green.",
        "The Contact Centre's KPIs: two Green, one Red.",
        "The Corporate Director said that two KPIs in her area were Red.",
        "She explained that the one Red KPI was due to vacancies and two Amber ones to sickness.",
        "Six of the Red KPIs were in CYPE.",
        "5 of the 9 KPIs rated as red were within Children's services.",
        "Nine of the 11 KPIs rated Amber were within five percent of target.",
        "In the Environment and Transport dashboard, 14 of 18 KPIs were green.",
        "The Public Health dashboard showed 11 of 15 KPIs Green.",
        "At the Adult Social Care Cabinet Committee it was reported that 5 KPIs were Green and 3 Red.",
        "The Corporate Risk Register contained 16 risks, of which 12 were rated High (Red) and 4 Medium (Amber).",
        "The programme had 14 milestones: 10 green, 3 amber and 1 red.",
        "40 savings lines were rated Green, 12 Amber and 8 Red.",
        "Indicators for the Safety Valve showed 6 of 10 conditions were Green.",
        "Seven of the ten recommendations were rated green and three were amber indicators of progress.",
        "Mr Oakford reported that 14 of 20 savings KPIs were Green.",
        "Five Red KPIs would receive a deep dive, as would two Amber ones.",
        "KPI 12 was Green, KPI 14 Amber and KPI 20 Red.",
        "The Council had moved from 12 Red KPIs to nine.",
        "The number of Reds had more than doubled, from 4 to 9.",
        "Some 17 KPIs had been rated Green.",
        "In the second half of the year 17 KPIs had been Green.",
        "By Quarter 4, 20 KPIs were to be Green.",
        "Only three of the KPIs which had been Red in Quarter 1 were still Red.",
        "Three KPIs had been Red in both quarters.",
        "Excluding the new KPIs, 16 were Green and 8 Red.",
        "Since the last meeting two KPIs had turned Red.",
        "Two KPIs have turned Red, and one Green.",
        "There had been two new Red KPIs.",
        "The Scrutiny Committee had chosen three Red KPIs for review.",
        "It was agreed to review 5 Amber KPIs.",
    ],
)
def test_what_is_not_said_of_all_the_councils_indicators_now_adds_nothing(sentence: str) -> None:
    assert whole(sentence, "2023/24", 2) == []
    (count,) = whole(LEAD + sentence, "2023/24", 2)
    told = {name: value for name in NAMES if (value := getattr(count, name)) is not None}
    assert told == {"total": 38, "improving": 10}


@pytest.mark.parametrize(
    ("year", "quarter", "text", "expected", "changes"),
    [
        (
            "2012/13",
            3,
            (
                "There were four fewer Red rated indicators than in the previous quarter. The Cabinet "
                "Member welcomed it; 12 Members had asked about freedom passes, where 26,000 had been "
                "issued (an increase of 8%)."
            ),
            {},
            {"red": -4},
        ),
        (
            "2012/13",
            3,
            (
                "The overall position was better, with reds reduced by 4 compared with last quarter, of the"
                " 30 Key Performance Indicators (KPIs) in the report."
            ),
            {"total": 30},
            {"red": -4},
        ),
        (
            "2014/15",
            1,
            (
                "The Leader said that the position was encouraging with 25 (62.5%) of 40 indicators at "
                "‘Green’. Direction of Travel was positive for 23 KPIs and negative for 12."
            ),
            {"total": 40, "green": 25, "improving": 23, "worsening": 12},
            {},
        ),
        (
            "2014/15",
            1,
            (
                "That 62.5% of the 40 KPIs were Green and met or exceeded target. That 23 of the KPIs had "
                "improved and that 12 had fallen in the quarter."
            ),
            {"total": 40, "green": 25},
            {},
        ),
        (
            "2014/15",
            2,
            (
                "Only one KPI was rated Red at the end of September 2014, which was NEETs at 5.4% against a"
                " target of 3.5%. Three indicators had moved out of red."
            ),
            {"red": 1},
            {},
        ),
        (
            "2014/15",
            3,
            (
                "The majority of indicators were rated green. 95% of schools had responded, 12 of 14 "
                "district councils had signed up."
            ),
            {},
            {},
        ),
        (
            "2018/19",
            2,
            (
                "I. Growth, Environment and Transport: 3 of the 4 indicators were Green. II. Strategic and "
                "Corporate Services: 2 green, 1 amber. III. Children: five indicators at amber and one at "
                "red. The majority of KPIs were green, with more showing an upward than a downward "
                "direction of travel."
            ),
            {},
            {},
        ),
        (
            "2018/19",
            2,
            (
                "1. Of the Key Performance Indicators the majority were rated Green.\n\n2. Members noted "
                "that:\n\n(i) Children, Young People and Education - four of nine indicators were rated Amber"
                " and two were Red;\n\n(ii) Adult Social Care and Health - two KPIs were rated as Red;\n\n(iii)"
                " Growth, Environment and Transport - all of its KPIs were Green bar one, Amber.\n\n3. "
                "RESOLVED"
            ),
            {},
            {},
        ),
        (
            "2018/19",
            4,
            (
                "Results to the end of March 2019 were as follows: 22 indicators on or ahead of target "
                "(Green), 10 behind target but above the floor standard (Amber) and three below the floor "
                "(Red). Members heard that 18 of 20 apprenticeships had been filled and £4.3 million spent."
            ),
            {"green": 22, "amber": 10, "red": 3},
            {},
        ),
        (
            "2018/19",
            4,
            ("22 out of 35 Key Performance Indicators were rated as Green, with 10 at Amber and only 3 at Red."),
            {"total": 35, "green": 22, "amber": 10, "red": 3},
            {},
        ),
        (
            "2019/20",
            1,
            (
                "1. For the 35 indicators, 24 were rated as Green, 7 were Amber and 4 were Red. 2. Three "
                "KPIs had moved to Green: calls answered, faults repaired and customer satisfaction. 3. The"
                " number of KPIs which were rated Red increased from 3 to 4. 4. Two Members asked about the"
                " 2 indicators on libraries."
            ),
            {"total": 35, "green": 24, "amber": 7, "red": 4},
            {"red": 1},
        ),
        (
            "2019/20",
            1,
            (
                "Twenty-four of the 35 Key Performance Indicators had been rated Green, seven Amber and "
                "four Red (up from three)."
            ),
            {"total": 35, "green": 24, "amber": 7, "red": 4},
            {"red": 1},
        ),
        (
            "2019/20",
            1,
            (
                "Of the 35 KPIs in the report, 24 (69%) were green, 7 (20%) amber and 4 (11%) red. Red KPIs"
                " had increased from 3 to 4 since Quarter 4."
            ),
            {"total": 35, "green": 24, "amber": 7, "red": 4},
            {"red": 1},
        ),
        (
            "2019/20",
            2,
            (
                "The position had improved since Quarter 1 with green rated indicators increasing to 28 and"
                " two KPIs continuing to be rated red, at 30 and 41%."
            ),
            {"green": 28, "red": 2},
            {},
        ),
        (
            "2019/20",
            2,
            (
                "There had been a rise in the number of Green KPIs from 24 to 28. Two KPIs continued to be "
                "RAG rated Red: EHCPs and health checks."
            ),
            {"green": 28, "red": 2},
            {"green": 4},
        ),
        (
            "2020/21",
            1,
            (
                "Of the 35 KPIs 22 had been RAG-rated green (a decrease of one from the previous quarter), "
                "10 had been RAG-rated amber and three were RAG-rated red."
            ),
            {"total": 35, "green": 22, "amber": 10, "red": 3},
            {"green": -1},
        ),
        (
            "2020/21",
            4,
            (
                "Performance had held up: 22 of 35 KPIs were rated as green, which was 2 more than in "
                "Quarter 3, with 10 rated as amber and 3 rated as red as they were below floor standard."
            ),
            {"total": 35, "green": 22, "amber": 10, "red": 3},
            {"green": 2},
        ),
        (
            "2021/22",
            1,
            ("The report for the quarter to the end of June 2021 showed 22 green, 9 amber and 2 red rated KPIs."),
            {"green": 22, "amber": 9, "red": 2},
            {},
        ),
        (
            "2021/22",
            2,
            (
                "26 of the Key Performance Indicators were RAG rated Green, 4 were Amber and 3 were Red. "
                "With regards to Direction of Travel, 12 indicators showed statistically significant "
                "improving trend, which was positive. Only 2 deterioration. The 3 red KPIs covered "
                "complaints, EHCPs and CAMHS."
            ),
            {"green": 26, "amber": 4, "red": 3, "improving": 12, "worsening": 2},
            {},
        ),
        (
            "2021/22",
            2,
            (
                "Three indicators were RAG rated red: complaints, EHCPs and health checks. Four were amber "
                "and the rest, 26, were green. A statistically significant improving trend was shown by 12 "
                "indicators and a deteriorating one by only 2."
            ),
            {"amber": 4, "red": 3},
            {},
        ),
        (
            "2021/22",
            3,
            (
                "27 KPIs were green, 3 amber and 3 red. 11 indicators had statistically significant "
                "improving trends, with 4 deteriorating. The three red KPIs were unchanged from Quarter 2."
            ),
            {"green": 27, "amber": 3, "red": 3, "improving": 11, "worsening": 4},
            {},
        ),
        (
            "2021/22",
            4,
            (
                "24 KPIs were RAG rated Green, 6 were Amber and 3 were Red. In terms of the direction of "
                "travel, only 5 KPIs had shown deterioration. 10 targets were to be raised for 2022/23 and "
                "six new KPIs would be introduced."
            ),
            {"green": 24, "amber": 6, "red": 3, "worsening": 5},
            {},
        ),
        (
            "2022/23",
            1,
            (
                "There were now 37 KPIs (6 new) and, out of the 37KPIs, 21achievedtarget(rated "
                "green),8achieved andexceeded the floor standard butdid not meet thetarget (ratedamber), "
                "and8 did notmeet floor standard(rated red)."
            ),
            {"total": 37, "green": 21, "amber": 8, "red": 8},
            {},
        ),
        (
            "2022/23",
            2,
            (
                "Out of the 37 KPIs, 17 achieved target (rated green), 13 achieved and exceeded floor "
                "standard but did not meet target (rated amber), and 7 did not meet floor standard (rated "
                "red). Five of these related to Children's services. In response to Members, 3 of the 7 red"
                " KPIs had been red for 4 quarters."
            ),
            {"total": 37, "green": 17, "amber": 13, "red": 7},
            {},
        ),
        (
            "2024/25",
            2,
            (
                "Of the 40 KPIs: sixteen were Green (one fewer than the previous Quarter); fifteen Amber "
                "(one more than the previous Quarter); eight Red (no change); and one had no data at the "
                "time of publication."
            ),
            {"total": 40, "green": 16, "amber": 15, "red": 8},
            {"green": -1, "amber": 1, "red": 0},
        ),
        (
            "2024/25",
            3,
            (
                "In summary, 17 of the 381 indicators were rated Green, one more than last Quarter, 12 "
                "Amber, three fewer than last Quarter, and nine Red, one more than last Quarter. Ten "
                "indicators were showing an improving trend and six a worsening trend."
            ),
            {"total": 38, "green": 17, "amber": 12, "red": 9, "improving": 10, "worsening": 6},
            {"green": 1, "amber": -3, "red": 1},
        ),
        (
            "2025/26",
            2,
            ("Of the 39 KPIs, 20 were rated Green, 14 Amber and 5 Red."),
            {"total": 39, "green": 20, "amber": 14, "red": 5},
            {},
        ),
    ],
)
def test_a_quarter_in_other_words_gives_the_same_figures(
    year: str, quarter: int, text: str, expected: dict[str, int], changes: dict[str, int]
) -> None:
    found = whole(text, year, quarter)

    told = {name: value for c in found for name in NAMES if (value := getattr(c, name)) is not None}
    changed = {name: by for c in found for name in NAMES if (by := getattr(c, f"{name}_change")) is not None}
    assert (told, changed) == (expected, changes)
