"""The rules that come with the service, as data: query and text side by side, a file for each subject."""

from monitor.rules.builtin import complaints, news, ombudsman, papers, ratings, reports, risks, sources, targets
from monitor.rules.model import Rule

# In the order in which one reads of them, among those of one severity: the digest of a new report comes first.
RULES: dict[str, Rule] = {
    rule.name: rule
    for subject in (reports, ratings, ombudsman, targets, complaints, risks, papers, news, sources)
    for rule in subject.RULES
}
