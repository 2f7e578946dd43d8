"""Slack's blocks, received by a real HTTP server: its markup for links, and nothing that a paper says taken for any."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how_long
from hypothesis import strategies as st

from db import Archive, Claimed
from monitor.delivery import Settings, deliver, problem, slack
from monitor.delivery.message import compose
from tests.receivers import NOW, SECRET, Posts, To, archive, new_alert, posts, queue, settings, states

__all__ = ["archive", "posts", "settings"]  # fixtures

HOSTILE = (
    "<!channel> <!here|x> <@U123> <#C1> <script>alert(1)</script> <https://evil.example.org|click> "
    "*bold* _lean_ ~gone~ `code` & &lt;!everyone&gt; :fire: @channel"
)
# What Slack acts on: <…> around a mention, a link or a date.
_SEQUENCE = re.compile(r"<([^<>]*)>")


def claimed(count: int, **changes: Any) -> list[Claimed]:
    says: dict[str, Any] = {
        "rule": "new_red",
        "severity": "high",
        "body": "Body.",
        "url": "https://democracy.example.org/s1.pdf?a=1&b=2#page=3",
        "evidence": {"page": 3},
        "created_at": NOW,
        "attempts": 1,
    }
    return [
        Claimed(**({"delivery_id": n, "alert_id": n, "key": str(n), "title": f"RED: Indicator {n}"} | says | changes))
        for n in range(1, count + 1)
    ]


def texts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every text object of a message."""
    found = [{"type": "fallback", "text": body["text"]}]
    for block in body.get("blocks", []):
        found += [part for part in (block.get("text"), *block.get("elements", ())) if part]
    return found


def within_limits(body: dict[str, Any]) -> bool:
    return (
        len(body["blocks"]) <= 50
        and all(0 < len(text["text"]) <= 3000 for text in texts(body))
        and all(len(block["text"]["text"]) <= 150 for block in body["blocks"] if block["type"] == "header")
        and sum(len(text["text"]) for text in texts(body)) < 16_000
        and len(json.dumps(body)) < 40_000
    )


def test_slack_gets_blocks_with_links_in_its_own_markup(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.slack_url)
    alert = new_alert(evidence={"page": 1, "kpi_id": 17})
    queue(archive, alert, new_alert("2", "low", title="Another"), to=(channel,))
    from dataclasses import replace

    assert deliver(archive, [channel], replace(settings, site_url="https://kcc.example.org"), NOW).sent == 2
    ((path, _, body),) = posts.taken
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert body["text"] == alert.title + ", and 1 more"
    assert body["blocks"][0]["text"] == {"type": "plain_text", "text": body["text"], "emoji": False}
    section = body["blocks"][1]["text"]["text"]
    assert section.startswith(f"*{alert.title}*\nHighways: from Amber to Red since the report before.\n")
    assert "<https://democracy.example.org/documents/s1/Appendix.pdf#page=1|Page 1 of the paper>" in section
    assert "<https://kcc.example.org/archive/kpis/17|The row in the archive>" in section
    about = body["blocks"][2]["elements"][0]["text"]
    assert "alert 1 · An indicator of the newest report is Red and was not before." in about
    assert "`kccwatch mute kpi:17 --until 2027-03-05`" in about
    assert body["unfurl_links"] is False and within_limits(body)
    assert states(archive) == ["sent", "sent"]


def test_nothing_that_a_paper_says_is_markup_to_slack(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.slack_url)
    changes = [{"what": HOSTILE, "before": HOSTILE, "after": HOSTILE}]
    queue(
        archive,
        new_alert("1", title=HOSTILE, body=f"{HOSTILE}\n> quoted", evidence={"changes": changes}),
        new_alert("2", title=HOSTILE, url="https://x.example.org/a|b>c<d"),
        *(new_alert(f"more {n}", "low", title=HOSTILE, url="https://x.example.org/?a=<!channel>") for n in range(20)),
        to=(channel,),
    )
    assert deliver(archive, [channel], settings, NOW).messages == 1
    (body,) = posts.bodies
    for text in texts(body):
        for sequence in _SEQUENCE.findall(text["text"]):
            assert re.match(r"https://(democracy|x)\.example\.org/[^|]*\|[^|]*$", sequence)
        assert "&lt;!channel&gt;" in text["text"] or "Alerts" in text["text"] or "mute" in text["text"]
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            ours = re.sub(r"^\*Also:\*|`kccwatch [^`]*`|^\*(?=.*\*$)|\*$", "", text["text"], flags=re.MULTILINE)
            assert not set("*_~`") & set(_SEQUENCE.sub("", ours))
            assert ":fire:" not in text["text"]
            assert not re.search(r"(?m)^&gt;", text["text"])
    assert within_limits(body)


@given(title=st.text(max_size=400), body=st.text(max_size=4000), count=st.integers(1, 30))
@how_long(max_examples=60, deadline=None)
def test_whatever_the_words_a_message_is_within_slacks_limits(title: str, body: str, count: int) -> None:
    message = compose(claimed(count, title=title + "&<>" * 30, body=body, url=None), channel="desk", max_in_full=50)
    posted = slack.payload(message)
    assert within_limits(posted)
    for text in texts(posted):
        assert not _SEQUENCE.search(text["text"])
        assert not re.search(r"&(?!amp;|lt;|gt;)", text["text"])
    assert not _SEQUENCE.search(slack.payload(message, blocks=False)["text"])


def test_five_hundred_reds_are_one_message_that_says_where_the_others_are() -> None:
    posted = slack.payload(compose(claimed(500), channel="desk", site_url="https://kcc.example.org"))
    assert within_limits(posted)
    all_text = "\n".join(text["text"] for text in texts(posted))
    (unlisted,) = re.findall(r"and (\d+) more: <https://kcc\.example\.org/archive/alerts", all_text)
    assert len(set(re.findall(r"RED: Indicator \d+\b", all_text))) == 500 - int(unlisted)
    assert sum(block["type"] == "context" for block in posted["blocks"]) == 10 + 1, "ten in full, and the foot"
    without = slack.payload(compose(claimed(500), channel="desk"))
    assert "`kccwatch alerts` lists them" in json.dumps(without)


def test_where_blocks_are_refused_the_same_goes_as_text(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.slack_url)
    queue(archive, new_alert(title=HOSTILE), to=(channel,))
    posts.status, posts.says = 400, "invalid_blocks"
    assert deliver(archive, [channel], settings, NOW).retried == 1
    first, second = posts.bodies
    assert "blocks" in first and "blocks" not in second
    assert "&lt;!channel&gt;" in second["text"] and "Highways: from Amber" in second["text"]
    assert not _SEQUENCE.search(second["text"])


@pytest.mark.parametrize(("status", "says", "taken"), [(200, "ok", 1), (200, "no_service", 0), (404, "no_team", 0)])
def test_only_slacks_own_yes_counts(
    archive: Archive, settings: Settings, posts: Posts, status: int, says: str, taken: int
) -> None:
    channel = To("desk", posts.slack_url)
    queue(archive, new_alert(), to=(channel,))
    posts.status, posts.says = status, says
    result = deliver(archive, [channel], settings, NOW)
    assert result.sent == taken
    assert all(says in error and "TIiajkdnlazkcOXrIdevi7FQ" not in error for error in result.errors)


def test_a_bot_posts_to_its_channel_with_its_token(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apprise.plugins.slack.NotifySlack.api_url", f"http://127.0.0.1:{posts.port}/api/{{}}")
    channel = To("desk", "slack://xoxb-1234-1234-abc124/#red")
    queue(archive, new_alert(), to=(channel,))
    posts.says = '{"ok": false, "error": "not_in_channel"}'
    assert "not_in_channel" in deliver(archive, [channel], settings, NOW).errors[0]
    posts.says = '{"ok": true}'
    archive.requeue()
    archive.rows("select 1")
    assert deliver(archive, [channel], settings, NOW.replace(hour=20)).sent == 1
    path, headers, body = posts.taken[-1]
    assert (path, headers["Authorization"], body["channel"]) == (
        "/api/chat.postMessage",
        "Bearer xoxb-1234-1234-abc124",
        "#red",
    )


def test_a_possible_repeat_says_so_in_the_first_lines() -> None:
    posted = slack.payload(compose(claimed(2), channel="desk", maybe_repeat=True))
    assert posted["blocks"][0]["text"]["text"].startswith("This may be a repeat: RED: Indicator 1")
    assert "alerts 1-2" in posted["blocks"][1]["elements"][0]["text"]


# --- the other chat services ---------------------------------------------------------------


def test_a_json_receiver_gets_text_and_the_alerts_as_data(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.json_url + "?+X-More=1&:message=words&-q=2")
    (alert_id,) = queue(archive, new_alert(evidence={"page": 1, "value_text": "81%"}), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    path, headers, body = posts.taken[0]
    assert path == f"/{SECRET}?q=2"
    assert (headers["X-Kccwatch-Alerts"], headers["X-More"]) == (str(alert_id), "1")
    assert body["title"] == "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27"
    assert body["type"] == "warning"
    assert "Highways: from Amber to Red since the report before." in body["words"] and "message" not in body
    (data,) = body["alerts"]
    assert (data["id"], data["rule"], data["evidence"]) == (alert_id, "new_red", {"page": 1, "value_text": "81%"})


def test_nobody_is_called_by_what_a_paper_says(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(title="<!channel> @everyone <@U1> <script>", body="<!here>"), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (body,) = posts.bodies
    for shown in (body["title"], body["message"]):
        assert "<!" not in shown
        assert "@everyone" not in shown
        assert "<@U1>" not in shown
        assert "<script>" in shown  # text: it is for the receiver to show it as such
    assert "<\u200b!channel> @\u200beveryone" in body["title"]


def test_a_slack_compatible_server_of_ones_own_is_reached(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", f"mmost://127.0.0.1:{posts.port}/{SECRET}")
    queue(archive, new_alert(title="<!channel> news"), to=(channel,))
    assert deliver(archive, [channel], settings, NOW).sent == 1
    (body,) = posts.bodies
    assert "<\u200b!channel> news" in body["text"]
    assert "icon_url" not in body


def test_slack_addresses_are_judged_before_they_are_used() -> None:
    assert problem("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#red") is None
    assert problem("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ") is None
    assert "is not an address" in str(problem("slack://nonsense"))
