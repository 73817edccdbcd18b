"""Channels: how a message reaches people, by mail, chat or webhook, through Apprise.

These, and only these, may leave the machine: a channel goes to the address that the operator wrote
into ``AFTERWORD_CHANNELS``, and to no other. An address holds passwords and tokens, so nothing here
shows one: not a name, a ``repr``, a message, a log.

>>> channels(["jsons://token@example.org/hook", "mailto://ann:secret@example.org"])
(Channel('Webhook 1'), Channel('Mail 2'))
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from afterword.alerts import wording
from afterword.errors import SettingsError

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

CONNECT_S = READ_S = 5.0
"""Seconds to connect and to wait for an answer, unless the address says ``cto`` or ``rto``."""
ATTEMPT_S = 15.0
"""Seconds of one attempt at most: those above begin anew with every packet."""
LONGEST_WAIT_S = 30.0
"""Seconds between two attempts at most."""
TALKERS = ("apprise", "urllib3", "requests_oauthlib", "oauthlib", "slixmpp")
"""Libraries whose loggers write addresses, headers or hosts; nothing else here uses them."""
LOCAL = frozenset("blink1 dbus gio glib gnome kde macosx qt syslog windows".split())
"""Kinds that reach only whoever sits at the server; one of them starts a program."""
JSON = frozenset(("json", "jsons"))
"""Kinds that get the fields of a message."""
KINDS = dict.fromkeys(("Form", "JSON", "XML"), "Webhook") | {"E-Mail": "Mail"}
KINDS["Power Automate / Workflows (for MSTeams)"] = "Teams"
"""What Apprise calls a service, and what people do; the others keep Apprise's name."""


@dataclass(frozen=True)
class Message:
    """What is said, as plain text: a ``title`` of one line, a ``body`` of any number.

    Services that have colours or priorities show the ``severity``; "over" is good news. A webhook
    in JSON gets the ``fields`` too, as ``alert``.
    """

    title: str
    body: str
    severity: Literal["info", "warning", "critical", "over"] = "info"
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Delivery:
    """What became of a message on one channel; every field is safe to show.

    ``delivered``: the service took it. ``problem``: empty, or one sentence about the last attempt.
    ``seconds``: of all attempts, with the waits between them.
    """

    channel: str
    delivered: bool
    attempts: int
    problem: str
    seconds: float


class Channel:
    """One way to reach people; ``name`` is its kind and place in the settings, like "Mail 1"."""

    __slots__ = ("_url", "name")

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url

    def __repr__(self) -> str:
        return f"Channel({self.name!r})"

    def send(self, message: Message, *, attempts: int = 3, first_wait_s: float = 1.0) -> Delivery:
        """Send a message, and try again after growing waits if the service does not take it.

        Parameters
        ----------
        message
            What is said.
        attempts
            How often it is tried at most; a Test button may ask for 1.
        first_wait_s
            Seconds before the second attempt; later waits double. Each gets up to ``first_wait_s``
            more by chance, so that what failed together comes back apart.

        Returns
        -------
        Delivery
            What became of it. A failure is told here, not raised.
        """
        from tenacity import Retrying, retry_if_result, stop_after_attempt
        from tenacity import wait_exponential_jitter as growing

        started = monotonic()
        retrying = Retrying(
            stop=stop_after_attempt(attempts),
            wait=growing(multiplier=first_wait_s, max=LONGEST_WAIT_S, jitter=first_wait_s),
            retry=retry_if_result(bool),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        problem: str = retrying(self._attempt, message)
        tried = int(retrying.statistics["attempt_number"])
        return Delivery(self.name, not problem, tried, problem, round(monotonic() - started, 3))

    def _attempt(self, message: Message) -> str:
        """Try once, for ``ATTEMPT_S`` at most; return the problem, or nothing.

        A thread that a server keeps for hours is a daemon and in no pool: it holds up neither the
        next message nor the end of the program.
        """
        answer: SimpleQueue[str] = SimpleQueue()
        Thread(target=lambda: answer.put(_say(self._url, message)), daemon=True).start()
        try:
            problem = answer.get(timeout=ATTEMPT_S)
        except Empty:
            problem = wording.silent(ATTEMPT_S)
        return problem and wording.not_delivered(self.name, problem)


def channels(urls: Sequence[str]) -> tuple[Channel, ...]:
    """Make the channels that the settings name, in their order; nothing is sent.

    Parameters
    ----------
    urls
        Addresses as Apprise writes them, chosen by the operator and by nobody else.

    Raises
    ------
    SettingsError
        Apprise does not know an address, or it reaches only the server itself. The message names
        the place in the list, never the address.
    """
    found = []
    for place, url in enumerate(urls, start=1):
        service = _service(url)
        if service is None:
            raise SettingsError(wording.unknown_address(place))
        if service.schema in LOCAL:
            raise SettingsError(wording.local_address(place))
        name = str(service.service_name)
        found.append(Channel(f"{KINDS.get(name, name)} {place}", url))
    return tuple(found)


def send(
    message: Message, channels: Sequence[Channel], *, attempts: int = 3, first_wait_s: float = 1.0
) -> list[Delivery]:
    """Send a message on every channel at the same time, so that none waits for another.

    Returns the deliveries in the order of ``channels``. The other parameters are those of
    :meth:`Channel.send`; with the defaults it takes 50 seconds at most.

    >>> send(Message("Drift", "Reports grew longer."), [])
    []
    """
    say = partial(Channel.send, message=message, attempts=attempts, first_wait_s=first_wait_s)
    with ThreadPoolExecutor(max(1, len(channels))) as together:
        return list(together.map(say, channels))


_facts: ContextVar[list[str] | None] = ContextVar("_facts", default=None)
"""What this thread's attempt has learned from Apprise's log."""


def _hear(record: logging.LogRecord) -> bool:
    """Take from what Apprise logs the few facts that are safe to show, and drop every record."""
    if (facts := _facts.get()) is None:
        return False
    text = record.getMessage()
    if status := re.search(r"\berror=(\d{3})\b", text):
        facts.append(wording.refused(status[1]))
    elif "connection error" in text.lower():
        facts.append(wording.NOT_REACHED)
    return False


def _say(url: str, message: Message) -> str:
    """Send a message once; return what the service did instead of taking it, or nothing."""
    _facts.set(facts := [wording.NOT_TAKEN])
    try:
        from apprise import NotifyFormat, NotifyType

        kind = {
            "info": NotifyType.INFO,
            "warning": NotifyType.WARNING,
            "over": NotifyType.SUCCESS,
        }
        service = _service(url)
        if message.fields is not None and service is not None and service.schema in JSON:
            # What the address itself names so comes first.
            own: dict[str, Any] = vars(service)["payload_extras"]
            vars(service)["payload_extras"] = {"alert": message.fields} | own
        if service is not None and service.notify(
            body=message.body or message.title,
            title=" ".join(message.title.split()),
            notify_type=kind.get(message.severity, NotifyType.FAILURE),
            body_format=NotifyFormat.TEXT,
        ):
            return ""
    except Exception:
        facts.append(wording.NOT_USED)  # the library's own words may quote the address
    return facts[-1]


@cache
def _asset() -> AppriseAsset:
    """Apprise's settings: no redirects, no pictures from elsewhere, no files, no magic in texts."""
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="Afterword",
        http_redirects=False,
        image_url_logo="",
        image_url_mask="",
        interpret_emojis=False,
        storage_mode="memory",
    )


def _service(url: str) -> NotifyBase | None:
    """Make the service of an address, new for every attempt: none shares a login or a clock."""
    from apprise import Apprise

    for name in [*TALKERS, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in TALKERS:  # a filter hears its own logger only, no child
            logger = logging.getLogger(name)
            logger.addFilter(_hear)
            logger.setLevel(logging.WARNING)
            logger.propagate = False
    try:
        service = Apprise.instantiate(url, asset=_asset())
    except Exception:  # its message may quote the address
        return None
    if service is not None:
        own = vars(service)
        service.socket_connect_timeout = own.get("socket_connect_timeout", CONNECT_S)
        service.socket_read_timeout = own.get("socket_read_timeout", READ_S)
        # Whatever the address says: no other host, and no failure that counts as a success.
        service.redirects = service.optional = False
    return service
