"""The words that the readers of running text know."""

import re

from parsers.text import COUNT_PATTERN

RATINGS = ("green", "amber", "red")
DIRECTIONS = ("improving", "stable", "worsening")
KEYS = (*RATINGS, *DIRECTIONS)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set to look words up in."""
    return frozenset(text.split())


# Words by which a county, district or unitary council's services go.
SERVICE_WORDS = words(
    "adult adults social care asch asc children childrens young people education cype skills sen send highways highway"
    " transport transportation environment environmental waste recycling health public customer customers services"
    " service governance law legal growth economic development communities community libraries library registration"
    " archives integrated early help safeguarding fostering disability disabilities youth housing planning"
    " procurement commercial commissioning finance financial hr ict digital infrastructure property technology"
    " schools school directorate department division team teams leisure culture regeneration licensing homelessness"
    " complaints foi contact kpis' staffing workforce prevention protection regulatory standards trading"
)
# What may follow "in", "for", "within" … without making the sentence one about a part.
NEUTRAL = words(
    "the this that these those its our their a an all total overall summary addition regard regards respect terms"
    " relation comparison contrast line general quarter qtr report reports reported qpr period year latest current"
    " recent month council councils county kent kcc authority organisation whole entire corporate set"
    " performance dashboard paper papers appendix executive direction directions travel dot rag red amber green"
    " rating ratings rated status kpi kpis key @this @date @total each every both quarterly monitoring strategic"
    " table tables cabinet members officers data time full response light target targets floor floors standard"
    " system scorecard annual mid now track most many some any few other others which who when where following"
    " particular brief conclusion short fact numbers number percentage count counts said noted outlined was were"
    " are is and or but also only just had have has been be being no not with by as at on of to from"
    " january february march april may june july august september october november december start end"
)


def bare_word(word: str) -> str:
    return re.sub(r"[^\w@]", "", re.sub(r"['’]s?$", "", word.lower()))


# What may stand between a number and its rating or direction.
VOCABULARY = words(
    "kpi kpis key performance indicator indicators of the these those them which that there here all only just also"
    " now currently still again a an in on or and at as to with by for it its their is are was were be been being has"
    " have had do does did not rag rated rating ratings status classed classified class categorised category reported"
    " recorded scored marked assessed considered deemed judged shown show shows showed showing indicated indicating"
    " displayed demonstrated demonstrating seen saw exhibited recorded identified found flagged came come"
    " achieved achieve achieving achieves met meet meets meeting exceeded exceed exceeds exceeding reached reach"
    " reaching surpassed surpass surpassing surpassed attained hit hitting missed miss missing failed fail failing"
    " falling fell below behind above ahead under over short outside within target targets floor floors standard"
    " standards level levels minimum expected acceptable required set agreed but so therefore thus hence while although"
    " however"
    " perform performed performing delivery than better worse well continued continue continuing further another"
    " received receive receiving receives given gave give got awarded issued obtained improve improved improving"
    " improvement improvements positive upward upwards favourable statistically significant significantly clear"
    " discernible trend trends trending trajectory direction directions travel dot movement stable flat steady static"
    " unchanged remained remain remaining remains no neutral negative worsening worsened worsen declining decline"
    " declined deteriorating deterioration deteriorated downward downwards adverse getting going moving up down"
    " green greens amber ambers red reds @this @total @date quarter period report qpr measures measure areas area"
    " this time latest overall meaning where both has experienced experiencing gone having"
)
COLOUR = re.compile(r"(?<![\w-])(green|amber|red)s?\b(?!-)", re.IGNORECASE)
COUNT = COUNT_PATTERN
SMALLEST_WHOLE = 20  # "all five KPIs" are a service's, whatever the sentence leaves unsaid; the council has more
NUMBER = re.compile(rf"(?<![\w@£.,/#%-])(?:{COUNT})(?![\w%/]|[.,]\d|-\d|\s?(?:%|per\s?cent\b))", re.IGNORECASE)
# Things that councils rate in the same colours.
FOREIGN = re.compile(
    r"\b(?:risks?|savings?|projects?|programmes?|contracts?|contractors?|suppliers?|providers?|actions?|milestones?|recommendations?|schemes?|budgets?"
    r"|inspections?|homes|sites|complaints?|objectives?|workstreams?|deliverables?|proposals?|BRAG)\b",
    re.IGNORECASE,
)
