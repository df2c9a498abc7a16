"""Validates a JSON list of Kubernetes objects strictly; prints how many are valid, or what is wrong."""

import json
import sys

import kubernetes_validate

# Kinds of these groups are custom resources, whose schemas are not Kubernetes' own.
CUSTOM = ("cloud.google.com/", "gateway.networking.k8s.io/", "networking.gke.io/")

version, objects = sys.argv[1], json.load(sys.stdin)
wrong = []
for item in objects:
    if item["apiVersion"].startswith(CUSTOM):
        continue
    try:
        kubernetes_validate.validate(item, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        wrong.append(f"{item['kind']} {item['metadata']['name']}: {'.'.join(map(str, error.path))}: {error.message}")
print("\n".join(wrong) if wrong else f"{len(objects)} valid")
sys.exit(1 if wrong else 0)
