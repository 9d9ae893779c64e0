"""The whole bridge with nothing but an account on Matrix."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.matrix.kit import PASSWORD
from tests.matrix.synapse import Account
from tests.walks.bridge import Bridge


class OnMatrix(Bridge):
    """A bridge on Matrix; ``account`` is its own there."""

    account: Account
    encryption = True

    def write_settings(self, api_url: str) -> None:
        """Write coachbridge.toml; the network's address is the homeserver."""
        self.config.write_text(
            f'[store]\nurl = "{self.store_url}"\n'
            f'[web]\nport = {self.port}\npublic_url = "{self.url}"\n'
            '[notices]\nprotection = "never"\n'
            f'[matrix.main]\nhomeserver = "{api_url}"\nuser_id = "{self.account.user_id}"\n'
            f'password = "{PASSWORD}"\nencryption = {str(self.encryption).lower()}\n'
        )


@asynccontextmanager
async def on_matrix(
    folder: Path, homeserver: str, bridge: Account, *, encrypts: bool = True
) -> AsyncIterator[OnMatrix]:
    """Run a bridge that is not started yet."""

    class Ours(OnMatrix):
        account = bridge
        encryption = encrypts

    async with Ours(folder, f"sqlite:///{folder / 'coachbridge.db'}", homeserver) as running:
        yield running


def practice(noor: Account, piet: Account) -> str:
    """Return the practice file of a coach and her client."""
    return (
        f'[[person]]\nid = "noor"\nname = "Noor"\nlanguage = "nl"\n'
        f'endpoints = ["matrix:main:{noor.user_id}"]\n'
        f'[[person]]\nid = "piet"\nname = "Piet"\nlanguage = "nl"\n'
        f'endpoints = ["matrix:main:{piet.user_id}"]\n'
        '[[trajectory]]\nid = "piet-2026"\ncoaches = ["noor"]\nclients = ["piet"]\n'
        'consent = "recorded"\n'
    )
