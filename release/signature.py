"""Detached signatures by OpenSSH (`ssh-keygen -Y`), in the format SSHSIG.

https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig. Any key that OpenSSH signs with will do, in a
file or, given its public half, in an agent. Signing and verifying need OpenSSH 8.2 or newer.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
import tempfile
from pathlib import Path

from core.errors import InputError
from core.files import read_text

NAMESPACE = "file"  # what OpenSSH's manual proposes for files
ENDING = ".sig"
_SIGNER = "publisher"
_KEY = re.compile(r"(ssh|ecdsa|sk)-\S++ [A-Za-z0-9+/=]")
_ARMOUR = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END SSH SIGNATURE-----\n")
_WIDTH = 70
_SECONDS = 60  # a key with a passphrase, or on a token, waits for its owner


def sign(data: bytes, key: Path) -> bytes:
    """The signature of the data; InputError if the key cannot be used."""
    done = _run(["-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE], data)
    if done.returncode or not done.stdout:
        raise InputError(f"signing with {key} failed: {_message(done)}")
    return done.stdout


def verify(data: bytes, signature: bytes, key: Path | None) -> str | None:
    """Why the signature of the data is invalid; None if it is valid.

    key: file of public keys, one a line, of which one has to be the signer's; without it any key is accepted.
    """
    armour = _ARMOUR.fullmatch(signature)
    if armour is None or not _is_canonical(armour[1]):
        return "this is no signature of OpenSSH"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "signature"
        file.write_bytes(signature)
        if key is None:
            done = _run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(file)], data)
        else:
            signers = Path(folder) / "signers"
            signers.write_text(_allowed(key), encoding="utf-8")
            command = ["-Y", "verify", "-f", str(signers), "-I", _SIGNER, "-n", NAMESPACE, "-s", str(file)]
            done = _run(command, data)
    return _message(done) if done.returncode else None


def _allowed(key: Path) -> str:
    """The public keys of a file as OpenSSH's ALLOWED SIGNERS; InputError if it has none."""
    try:
        lines = [line.strip() for line in read_text(key).splitlines()]
    except InputError as error:
        raise InputError(f"{error}, and is no public key") from error
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys or not all(map(_KEY.match, keys)):
        raise InputError(f"{key} holds no public key of OpenSSH, which has lines like 'ssh-ed25519 AAAA…'")
    return "".join(f"{_SIGNER} {line}\n" for line in keys)


def _is_canonical(armoured: bytes) -> bool:
    """Whether the base64 text is the only one for its bytes, so that a signature cannot be altered and still verify."""
    try:
        text = base64.b64encode(base64.b64decode(armoured.replace(b"\n", b""), validate=True))
    except binascii.Error:
        return False
    lines = [text[start : start + _WIDTH] + b"\n" for start in range(0, len(text), _WIDTH)]
    return b"".join(lines) == armoured


def _run(options: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["ssh-keygen", *options], input=data, capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError as error:
        raise InputError("signatures need ssh-keygen: install OpenSSH (Debian: openssh-client)") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"ssh-keygen has not answered within {_SECONDS} seconds") from error


def _message(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stderr + done.stdout).decode(errors="replace")
    return "; ".join(line.strip() for line in text.splitlines() if line.strip()) or f"ssh-keygen: {done.returncode}"
