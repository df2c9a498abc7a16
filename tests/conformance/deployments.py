"""Prints every Deployment of the branches below legacy/ of a repository, as JSON: branch, path, name.

An independent reader: PyYAML, and git's own archive. A file that it cannot read holds none.
"""

import io
import json
import subprocess
import sys
import tarfile

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def deployments(value):
    """Yields the names of the Deployments in a document."""
    if not isinstance(value, dict):
        return
    kind = value.get("kind")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list):
        for item in value["items"]:
            yield from deployments(item)
    elif kind == "Deployment" and isinstance(value.get("metadata"), dict) and "apiVersion" in value:
        yield str(value["metadata"].get("name"))


def main(repository):
    def git(*args):
        return subprocess.run(["git", "-C", repository, *args], check=True, capture_output=True).stdout

    found = []
    for branch in git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/legacy/").decode().split():
        archive = tarfile.open(fileobj=io.BytesIO(git("archive", branch)))
        for member in archive:
            if not member.isfile() or not member.name.endswith((".yaml", ".yml", ".json")):
                continue
            text = archive.extractfile(member).read()
            try:
                names = [name for value in yaml.load_all(text, Loader=LOADER) for name in deployments(value)]
            except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError):
                continue
            found += [[branch, member.name, name] for name in names]
    json.dump(found, sys.stdout)


main(sys.argv[1])
