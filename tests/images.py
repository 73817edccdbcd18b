"""Builds what a Dockerfile describes and runs it, with Linux's own means, where no engine is.

Every step runs in a folder of its own as root folder. The system's programs and Python stand in for
the base image, and the packages of this environment for the index, so nothing is downloaded. The
container gets what an engine would give it: a root that cannot be written, the user of the image
and no privilege, a volume, and an empty /tmp.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/proc", "/dev")
_ACCOUNTS = "passwd group shadow gshadow nsswitch.conf hosts ld.so.cache login.defs".split()
_MOUNTS = {path: path for path in (*_SYSTEM, sys.base_prefix)}
"""What stands in for the base image, and where."""
_PACKAGES = {
    path: f"/borrowed/{number}/site-packages"  # by this name Streamlit knows that it is installed
    for number, path in enumerate(path for path in sys.path if Path(path).name == "site-packages")
}
_REUSE = {
    "PYTHONPATH": os.pathsep.join(_PACKAGES.values()),
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of what the option switches off
    "PIP_ROOT_USER_ACTION": "ignore",
}


def can_isolate() -> bool:
    """Whether this process may give a program a root folder of its own."""
    command = ["unshare", "--mount", "true"]
    try:
        return os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0
    except (AttributeError, FileNotFoundError):  # not Linux
        return False


@dataclass
class Stage:
    """A root folder and what the instructions said of it so far."""

    root: Path
    name: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    volumes: list[str] = field(default_factory=list)
    health: str = ""
    command: list[str] = field(default_factory=list)

    def within(self, path: str) -> Path:
        """Where a path of the image is outside of it."""
        return self.root / os.path.join(self.folder, path).lstrip("/")

    def make(self) -> Stage:
        """Lay the base image out: system and Python to be mounted, accounts to be changed."""
        for path, target in (_MOUNTS | _PACKAGES).items():
            inside = self.root / target.lstrip("/")
            inside.parent.mkdir(parents=True, exist_ok=True)
            if os.path.islink(path):
                inside.symlink_to(os.readlink(path))
            elif os.path.isdir(path):
                inside.mkdir(exist_ok=True)
        for name in ("etc", "tmp"):
            (self.root / name).mkdir()
        for name in _ACCOUNTS:
            if Path("/etc", name).exists():
                shutil.copy(f"/etc/{name}", self.root / "etc" / name)
        self.variables["PATH"] = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin"
        return self

    def enter(self, command: list[str], user: str = "0:0", *after: str, **more: str) -> list[str]:
        """The command line that runs a command in here; ``after`` mounts what else it needs."""
        lines = ["set -e"]
        for path, target in (_MOUNTS | _PACKAGES).items():
            inside = self.root / target.lstrip("/")
            if os.path.isdir(path) and not os.path.islink(path):
                lines.append(f"mount --rbind {shlex.quote(path)} {shlex.quote(str(inside))}")
                if path not in ("/proc", "/dev"):
                    lines.append(f"mount -o remount,bind,ro {shlex.quote(str(inside))}")
        pairs = [f"{name}={value}" for name, value in (self.variables | _REUSE | more).items()]
        inner = ["sh", "-c", f'cd {shlex.quote(self.folder)} && exec "$@"', "sh", *command]
        whole = ["setpriv", "--no-new-privs", "chroot", f"--userspec={user}", str(self.root)]
        whole += ["/usr/bin/env", "-i", *pairs, *inner]
        lines += [*after, f"exec {shlex.join(whole)}"]
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Instructions with their arguments, lines joined, comments left out."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def context_of(project: Path, folder: Path) -> None:
    """Copy what .dockerignore lets into a build."""
    lines = (project / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "everything but what is named must stay outside"
    never = shutil.ignore_patterns(*(r.removeprefix("**/") for r in rules if r.startswith("**/")))
    for name in (rule[1:] for rule in rules if rule.startswith("!")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (project / name).is_dir():
            shutil.copytree(project / name, folder / name, ignore=never)
        else:
            shutil.copy(project / name, folder / name)


def build(project: Path, folder: Path) -> Stage:
    """Do what the project's Dockerfile says; gives its last stage.

    Raises
    ------
    AssertionError
        A step failed; the message has its output.
    """
    context = folder / "context"
    context_of(project, context)
    stages: list[Stage] = []
    for name, rest in instructions((project / "Dockerfile").read_text("utf-8")):
        if name == "FROM":
            image, _, alias = rest.partition(" AS ")
            assert re.fullmatch(r"python:3\.\d+-slim", image)
            stages.append(Stage(folder / f"stage{len(stages)}", alias).make())
        else:
            _follow(name, rest, stages, context)
    return stages[-1]


def _follow(name: str, rest: str, stages: list[Stage], context: Path) -> None:
    """Do what one instruction says."""
    stage = stages[-1]
    known = string.Template(rest).safe_substitute(stage.variables)
    if name == "RUN":
        done = subprocess.run(
            stage.enter(["sh", "-c", rest], stage.user), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"RUN {rest}\n{done.stdout}\n{done.stderr}"
    elif name == "COPY":
        _copy(rest.split(), stages, context)
    elif name in ("ENV", "ARG"):
        stage.variables |= dict(pair.split("=", 1) for pair in shlex.split(known))
    elif name == "WORKDIR":
        stage.folder = known
        stage.within(".").mkdir(parents=True, exist_ok=True)
    elif name == "USER":
        stage.user = known
    elif name == "VOLUME":
        stage.volumes.append(known)
    elif name == "HEALTHCHECK":
        stage.health = rest.partition(" CMD ")[2] or rest.removeprefix("CMD ")
    elif name == "CMD":
        stage.command = json.loads(rest)
    else:
        assert name == "EXPOSE", f"{name} is no instruction that is known here"


def _copy(words: list[str], stages: list[Stage], context: Path) -> None:
    source = Stage(context)
    if words[0].startswith("--from="):
        wanted = words.pop(0).removeprefix("--from=")
        (source,) = [stage for stage in stages if stage.name == wanted]
    *paths, target = words
    into = stages[-1].within(target)
    for path in paths:
        found = source.within(path)
        if found.is_dir():
            shutil.copytree(found, into, symlinks=True, dirs_exist_ok=True)
        else:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, into)


@dataclass(frozen=True)
class Container:
    """What an engine would start: an image, and the folder of its volume."""

    image: Stage
    volume: Path

    def command(self, command: list[str], **variables: str) -> list[str]:
        """The command line that runs a command as the image's user on a root of which only the
        volume and /tmp can be written."""
        root = shlex.quote(str(self.image.root))
        (inside,) = self.image.volumes
        mounts = [
            f"mount --bind {shlex.quote(str(self.volume))} {root}{inside}",
            f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp",
        ]
        entered = self.image.enter(command, self.image.user, *mounts, **variables)
        # The root before what is mounted in it: a mount of itself, which is then made read-only.
        entered[-1] = (
            entered[-1]
            .replace("set -e\n", f"set -e\nmount --bind {root} {root}\n", 1)
            .replace("\nexec setpriv", f"\nmount -o remount,bind,ro {root}\nexec setpriv", 1)
        )
        return entered


def container(image: Stage, folder: Path) -> Container:
    """A container whose new volume has what the image has in its place, as engines do it."""
    (inside,) = image.volumes
    subprocess.run(["cp", "-a", image.within(inside), folder], check=True)
    return Container(image, folder)
