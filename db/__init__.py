"""The archive: a folder with `archive.db` (SQLite) and `blobs/` (each body once).

The only place with SQL that writes. `open_archive` gives an Archive; records go in,
records come out. The tables are described in schema.sql, the views in views.sql.
"""

from db.alerts import ChannelTrouble, Claimed, NewAlert
from db.archive import Archive, open_archive
from db.discrepancies import Discrepancy
from db.documents import CommitteeRef, DocumentRow, Found, ItemRef, MeetingRef, Remembered, UnreadVersion
from db.errors import StoreError
from db.fetches import Fetch, Validators
from db.letters import NewLetter
from db.mutes import Mute
from db.runs import RunRow
from db.search import Hit
from db.sources import SourceState
from db.upkeep import Backup

__all__ = [
    "Archive",
    "Backup",
    "ChannelTrouble",
    "Claimed",
    "CommitteeRef",
    "Discrepancy",
    "DocumentRow",
    "Fetch",
    "Found",
    "Hit",
    "ItemRef",
    "MeetingRef",
    "Mute",
    "NewAlert",
    "NewLetter",
    "Remembered",
    "RunRow",
    "SourceState",
    "StoreError",
    "UnreadVersion",
    "Validators",
    "open_archive",
]
