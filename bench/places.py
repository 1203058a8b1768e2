"""The places of the bench's files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".cache" / "judge" / "bin" / "tconnectsync"
PEER_PYTHON = PEER.parent / "python"
KEPT = ROOT / ".cache" / "bench"
TANDEM_HOSTS = ROOT / "bench" / "tandem_hosts"
