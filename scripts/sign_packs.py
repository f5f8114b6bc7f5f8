"""Sign the rule packs of this tree with a key made for it, whose private half nobody keeps.

Whoever changes a rule runs this again: the public key beside the packs changes with it, visibly.
"""

from __future__ import annotations

from baselines import packs
from baselines.packs.signing import sign
from hatang import signing


def main() -> None:
    """Sign every pack and replace the public key."""
    private, public = signing.generate()
    for old in packs.KEYS.glob("*.pub"):
        old.unlink()
    packs.KEYS.mkdir(exist_ok=True)
    name = signing.fingerprint(public)
    (packs.KEYS / f"{name[:16]}.pub").write_text(public + "\n", encoding="ascii")
    found = sorted({path.parent for path in packs.DIRECTORY.glob("*/*/*.yaml")})
    for directory in found:
        pack = directory.relative_to(packs.DIRECTORY).as_posix()
        print(f"{pack} {sign(packs.DIRECTORY, pack, private)}")
    print(f"key {name}")


if __name__ == "__main__":
    main()
