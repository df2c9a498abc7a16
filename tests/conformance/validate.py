"""Validates a JSON list of Kubernetes objects strictly, and prints how many are valid, or what is wrong.

With --each, prints a JSON list instead: for each object what is wrong with it, or null.
"""

import functools
import json
import sys

import kubernetes_validate
from kubernetes_validate import utils

# Kinds of these groups are custom resources, whose schemas are not Kubernetes' own: the store looks at them.
CUSTOM = (
    "argoproj.io/",
    "cert-manager.io/",
    "cloud.google.com/",
    "external-secrets.io/",
    "gateway.networking.k8s.io/",
    "networking.gke.io/",
)

# It would read 5 MB anew for each object.
utils.schema_contents = functools.cache(utils.schema_contents)

version, each, objects = sys.argv[1], sys.argv[2:] == ["--each"], json.load(sys.stdin)
verdicts = []
for item in objects:
    if item["apiVersion"].startswith(CUSTOM):
        verdicts.append(None)
        continue
    try:
        kubernetes_validate.validate(item, version, strict=True)
        verdicts.append(None)
    except kubernetes_validate.ValidationError as error:
        verdicts.append(f"{'.'.join(map(str, error.path))}: {error.message}")
if each:
    print(json.dumps(verdicts))
    sys.exit(0)
wrong = [
    f"{item['kind']} {item['metadata']['name']}: {verdict}" for item, verdict in zip(objects, verdicts) if verdict
]
print("\n".join(wrong) if wrong else f"{len(objects)} valid")
sys.exit(1 if wrong else 0)
