"""The past is fetched once, and is no news."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.replica import Replica
from monitor import config, steps
from monitor.work import Work
from tests.test_steps import config_in, rows

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.timeout(300)  # several crawls, on a machine that may be busy
def test_a_backfill_brings_what_is_older_raises_no_alert_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with Replica(today=NOW.date()) as replica:
        place = config_in(tmp_path, replica)
        place.write_text(place.read_text().replace("look_back_days = 120", "look_back_days = 30"), encoding="utf-8")
        work = Work(config=config.load(place), clock=lambda: NOW)
        steps.cycle(work, ["committee_papers"])
        archive = tmp_path / "archive"
        alerts = rows(archive, "select rule, key from alerts order by 1, 2")
        editions = rows(archive, "select distinct financial_year, quarter from reports")
        due = rows(archive, "select * from schedules")

        done = steps.backfill(work, "committee_papers", (NOW - timedelta(days=700)).date())

        assert done[0].job == "backfill:committee_papers"
        assert len(rows(archive, "select distinct financial_year, quarter from reports")) > len(editions)
        assert rows(archive, "select rule, key from alerts where rule <> 'quarantined' order by 1, 2") == [
            row for row in alerts if row[0] != "quarantined"
        ]
        assert rows(archive, "select * from schedules") == due
        versions = rows(archive, "select count(*) from versions")
        asked = len(replica.requests)
        steps.backfill(work, "committee_papers", (NOW - timedelta(days=700)).date())
        assert rows(archive, "select count(*) from versions") == versions
        again = [request for request in replica.requests[asked:] if "/documents/" in request.path]
        assert again == []
