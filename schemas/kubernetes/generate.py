"""Writes the schema store from its sources; README.md beside this file says where those come from.

    python generate.py core             core.txt, from the installed package kubernetes-validate
    python generate.py custom DIRECTORY custom.txt, from the custom resource definitions (*.yaml) in DIRECTORY
    python generate.py core --print     to standard output, for a comparison

The same sources give the same bytes. Lines of the output:

    kind API_VERSION KIND SCOPE DEFINITION    a kind that can be checked as a whole
    NAME FIRST LAST SCHEMA                    a definition in the Kubernetes versions FIRST to LAST
    NAME - - SCHEMA                           a definition that does not depend on the version

A definition refers to others by "#/$defs/NAME". The scope of a core kind is not in its schema: `-`.
"""

import collections
import hashlib
import importlib.resources
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
FIRST = (1, 25)

# Kinds that an application repository may hold, by API version.
KINDS = {
    "v1": "ConfigMap Endpoints LimitRange Namespace PersistentVolumeClaim Pod ResourceQuota Secret Service ServiceAccount",
    "apps/v1": "DaemonSet Deployment StatefulSet",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
}

# Definitions that say better than their source what the API server takes. The source writes a union as
# `oneOf`, which has no good message, and integer widths as a format, which checks nothing.
OWN = {
    "int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Quantity": {"type": ["string", "number"], "format": "quantity"},
    "IntOrString": {"type": ["integer", "string"], "minimum": -(2**31), "maximum": 2**31 - 1},
}
RENAMED = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
}

# Closed sets of values. The published OpenAPI leaves them out; these are the `+enum` types of
# k8s.io/api (core/v1, apps/v1, batch/v1, networking/v1, autoscaling/v2) and what pkg/apis/*/validation
# accepts. A dictionary says from which minor version on a value is known; `[]` is an item of a list.
PROTOCOL = "TCP UDP SCTP"
LABEL_OPERATOR = "In NotIn Exists DoesNotExist"
ENUMS = {
    "apps.v1.DaemonSetUpdateStrategy.type": "RollingUpdate OnDelete",
    "apps.v1.DeploymentStrategy.type": "Recreate RollingUpdate",
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted": "Retain Delete",
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled": "Retain Delete",
    "apps.v1.StatefulSetSpec.podManagementPolicy": "OrderedReady Parallel",
    "apps.v1.StatefulSetUpdateStrategy.type": "RollingUpdate OnDelete",
    "autoscaling.v2.HPAScalingRules.selectPolicy": "Max Min Disabled",
    "autoscaling.v2.HPAScalingPolicy.type": "Pods Percent",
    "autoscaling.v2.MetricSpec.type": "Object Pods Resource ContainerResource External",
    "autoscaling.v2.MetricTarget.type": "Utilization Value AverageValue",
    "batch.v1.CronJobSpec.concurrencyPolicy": "Allow Forbid Replace",
    "batch.v1.JobSpec.completionMode": "NonIndexed Indexed",
    "batch.v1.JobSpec.podReplacementPolicy": "TerminatingOrFailed Failed",
    "batch.v1.PodFailurePolicyRule.action": "FailJob FailIndex Ignore Count",
    "batch.v1.PodFailurePolicyOnExitCodesRequirement.operator": "In NotIn",
    "core.v1.Container.imagePullPolicy": "Always Never IfNotPresent",
    "core.v1.Container.restartPolicy": {"Always": 0, "Never": 34, "OnFailure": 34},
    "core.v1.Container.terminationMessagePolicy": "File FallbackToLogsOnError",
    "core.v1.ContainerPort.protocol": PROTOCOL,
    "core.v1.HTTPGetAction.scheme": "HTTP HTTPS",
    "core.v1.NodeSelectorRequirement.operator": LABEL_OPERATOR + " Gt Lt",
    "core.v1.PersistentVolumeClaimSpec.accessModes[]": "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod",
    "core.v1.PersistentVolumeClaimSpec.volumeMode": "Block Filesystem",
    "core.v1.PodOS.name": "linux windows",
    "core.v1.PodSecurityContext.fsGroupChangePolicy": "OnRootMismatch Always",
    "core.v1.PodSecurityContext.supplementalGroupsPolicy": "Merge Strict",
    "core.v1.PodSpec.dnsPolicy": "ClusterFirstWithHostNet ClusterFirst Default None",
    "core.v1.PodSpec.preemptionPolicy": "PreemptLowerPriority Never",
    "core.v1.PodSpec.restartPolicy": "Always OnFailure Never",
    "core.v1.SeccompProfile.type": "Unconfined RuntimeDefault Localhost",
    "core.v1.AppArmorProfile.type": "Unconfined RuntimeDefault Localhost",
    "core.v1.ServicePort.protocol": PROTOCOL,
    "core.v1.ServiceSpec.externalTrafficPolicy": "Cluster Local",
    "core.v1.ServiceSpec.internalTrafficPolicy": "Cluster Local",
    "core.v1.ServiceSpec.ipFamilies[]": "IPv4 IPv6",
    "core.v1.ServiceSpec.ipFamilyPolicy": "SingleStack PreferDualStack RequireDualStack",
    "core.v1.ServiceSpec.sessionAffinity": "ClientIP None",
    "core.v1.ServiceSpec.type": "ClusterIP NodePort LoadBalancer ExternalName",
    "core.v1.Toleration.effect": {"NoSchedule": 0, "PreferNoSchedule": 0, "NoExecute": 0, "": 0},
    "core.v1.Toleration.operator": {"Exists": 0, "Equal": 0, "Lt": 35, "Gt": 35, "": 0},
    "core.v1.TopologySpreadConstraint.nodeAffinityPolicy": "Honor Ignore",
    "core.v1.TopologySpreadConstraint.nodeTaintsPolicy": "Honor Ignore",
    "core.v1.TopologySpreadConstraint.whenUnsatisfiable": "DoNotSchedule ScheduleAnyway",
    "core.v1.VolumeMount.mountPropagation": "None HostToContainer Bidirectional",
    "core.v1.VolumeMount.recursiveReadOnly": "Disabled IfPossible Enabled",
    "meta.v1.LabelSelectorRequirement.operator": LABEL_OPERATOR,
    "networking.v1.HTTPIngressPath.pathType": "Exact Prefix ImplementationSpecific",
    "networking.v1.NetworkPolicyPort.protocol": PROTOCOL,
    "networking.v1.NetworkPolicySpec.policyTypes[]": "Ingress Egress",
    "policy.v1.PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy": "IfHealthyBudget AlwaysAllow",
    "scheduling.v1.PriorityClass.preemptionPolicy": "PreemptLowerPriority Never",
}
# Integers that are ports, of which validation takes 1 to 65535.
PORTS = {
    "core.v1.ContainerPort.containerPort",
    "core.v1.ServicePort.port",
}

DROPPED = {"description", "default", "example", "externalDocs", "title", "nullable", "$schema", "$id"}
MAPS = {"properties", "patternProperties"}
SCHEMAS = {"items", "additionalProperties", "not"}
LISTS = {"oneOf", "anyOf", "allOf"}


def dump(schema):
    return json.dumps(schema, separators=(",", ":"), ensure_ascii=False)


def ref(name):
    return {"$ref": f"#/$defs/{name}"}


def refs(schema):
    """Names of the definitions that a schema refers to."""
    return re.findall(r'"#/\$defs/([^"]+)"', dump(schema))


# --- core kinds -----------------------------------------------------------------------------------


def short(name):
    """`io.k8s.api.core.v1.PodSpec` is `core.v1.PodSpec` here."""
    if name in RENAMED:
        return RENAMED[name]
    return ".".join(name.split(".")[-3:])


def trim_core(name, schema, minor):
    """One definition, without what is said to readers and without the `null` that is an omission."""

    def trim(part, path):
        if "$ref" in part:
            return ref(short(part["$ref"].rsplit("/", 1)[1]))
        if part.get("format") == "int32" and path in PORTS:
            return {"type": "integer", "minimum": 1, "maximum": 65535}
        if part.get("format") == "int32":
            return ref("int32")
        kept = {}
        for key, value in part.items():
            if key in DROPPED or key.startswith("x-kubernetes-"):
                continue
            if key == "format" and value in ("int64", "double", "byte"):
                continue
            if key == "type" and isinstance(value, list):
                [value] = [kind for kind in value if kind != "null"]
            elif key in MAPS:
                value = {inner: trim(schema, f"{path}.{inner}") for inner, schema in sorted(value.items())}
            elif key in SCHEMAS and isinstance(value, dict):
                value = trim(value, f"{path}[]")
            elif key in LISTS:
                raise SystemExit(f"{name}: {key} needs a definition of its own")
            kept[key] = value
        values = ENUMS.get(path)
        if values is not None:
            since = values if isinstance(values, dict) else dict.fromkeys(values.split(), 0)
            kept["enum"] = [value for value, first in since.items() if first <= minor]
        return kept

    trimmed = trim(schema, name)
    if "x-kubernetes-group-version-kind" in schema and "status" in trimmed.get("properties", {}):
        # The cluster writes it, and it would double the store.
        trimmed["properties"]["status"] = {"type": "object"}
    return trimmed


def core():
    import kubernetes_validate

    if kubernetes_validate.__version__ != "1.37.0":
        print(f"note: kubernetes-validate {kubernetes_validate.__version__}", file=sys.stderr)
    directory = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema"
    pattern = re.compile(r"v(\d+)\.(\d+)\.0-local-strict")
    found = (pattern.fullmatch(entry.name) for entry in directory.iterdir())
    versions = sorted((int(m[1]), int(m[2])) for m in found if m and (int(m[1]), int(m[2])) >= FIRST)

    roots = {}
    history = collections.defaultdict(list)
    for version in versions:
        text = (directory / "v{}.{}.0-local-strict".format(*version) / "_definitions.json").read_text()
        source = json.loads(text)["$defs"]
        by_short = {short(name): (name, schema) for name, schema in source.items()}
        todo = []
        for name, schema in source.items():
            for gvk in schema.get("x-kubernetes-group-version-kind", []):
                api_version = f"{gvk['group']}/{gvk['version']}".lstrip("/")
                if gvk["kind"] in KINDS.get(api_version, "").split() and short(name).endswith(f".{gvk['kind']}"):
                    roots[api_version, gvk["kind"]] = short(name)
                    todo.append(short(name))
        seen = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in OWN:
                continue
            schema = trim_core(name, by_short[name][1], version[1])
            todo += refs(schema)
            history[name].append((version, dump(schema)))

    wanted = {(api_version, kind) for api_version, kinds in KINDS.items() for kind in kinds.split()}
    assert set(roots) == wanted, wanted - set(roots)
    for path in [*ENUMS, *PORTS]:
        name, field = path.rsplit(".", 1)
        known = [json.loads(schema)["properties"].get(field.rstrip("[]")) for _, schema in history.get(name, [])]
        assert any(known), f"{path} is in no version"

    for (api_version, kind), name in sorted(roots.items()):
        yield f"kind {api_version} {kind} - {name}"
    for name, schema in sorted(OWN.items()):
        yield f"{name} - - {dump(schema)}"
    for name, versions in sorted(history.items()):
        runs = []
        for version, schema in versions:
            # A version in which a definition is missing ends a run.
            if runs and runs[-1][2] == schema and runs[-1][1] == (version[0], version[1] - 1):
                runs[-1][1] = version
            else:
                runs.append([version, version, schema])
        for first, last, schema in runs:
            yield "{} {}.{} {}.{} {}".format(name, *first, *last, schema)


# --- custom resources -----------------------------------------------------------------------------


def trim_custom(schema, strict=True):
    """A structural schema as the API server applies it, with unknown fields refused and not pruned.

    Below `oneOf` and its kin nothing is refused: those only add conditions to the schema around them.
    """
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") is True
    if schema.get("x-kubernetes-int-or-string") is True:
        union = {"type": ["integer", "string"]}
        if "pattern" in schema:
            union["pattern"] = schema["pattern"]
        return union if "pattern" in schema else ref("IntOrString")
    kept = {}
    for key, value in schema.items():
        if key in DROPPED or key.startswith("x-kubernetes-"):
            continue
        if key == "format":
            if value == "int32" and schema.get("type") == "integer":
                kept.setdefault("minimum", schema.get("minimum", -(2**31)))
                kept.setdefault("maximum", schema.get("maximum", 2**31 - 1))
                continue
            if value not in ("date-time", "ipv4", "ipv6"):
                continue
        elif key in MAPS:
            value = {inner: trim_custom(part, strict) for inner, part in sorted(value.items())}
        elif key in SCHEMAS and isinstance(value, dict):
            value = trim_custom(value, strict and key != "not")
        elif key in LISTS:
            value = [trim_custom(part, False) for part in value]
        elif key == "required":
            # Defaults are filled in before the schema is applied.
            defaulted = {inner for inner, part in schema.get("properties", {}).items() if "default" in part}
            value = [inner for inner in value if inner not in defaulted]
            if not value:
                continue
        kept[key] = value
    if kept == {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}:
        return ref("int32")
    if strict and kept.get("type") == "object" and not keeps and "additionalProperties" not in kept:
        kept["additionalProperties"] = False
    return kept


def custom(directory):
    import yaml

    kinds, roots = [], {}
    # Beside the published definitions, the one that nobody publishes.
    for path in [*sorted(pathlib.Path(directory).glob("*.yaml")), *sorted(HERE.glob("*.yaml"))]:
        for document in yaml.safe_load_all(path.read_text()):
            spec = document["spec"]
            for version in spec["versions"]:
                if not version["served"]:
                    continue
                schema = trim_custom(version["schema"]["openAPIV3Schema"])
                api_version, kind = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                properties = schema["properties"]
                properties["apiVersion"] = {"type": "string", "enum": [api_version]}
                properties["kind"] = {"type": "string", "enum": [kind]}
                properties["metadata"] = ref("meta.v1.ObjectMeta")
                if "status" in properties:
                    properties["status"] = {"type": "object"}
                name = f"{spec['group']}.{version['name']}.{kind}"
                kinds.append((api_version, kind, spec["scope"], name))
                roots[name] = schema

    # What is written more than once becomes a definition of its own, named by its content.
    count = collections.Counter()

    def tally(schema):
        text = dump(schema)
        count[text] += 1
        if count[text] == 1:
            for part in parts(schema):
                tally(part)

    for schema in roots.values():
        tally(schema)
    definitions = {}

    def share(schema, root=False):
        text = dump(schema)
        rebuilt = {}
        for key, value in schema.items():
            if key in MAPS:
                value = {inner: share(part) for inner, part in value.items()}
            elif key in SCHEMAS and isinstance(value, dict):
                value = share(value)
            elif key in LISTS:
                value = [share(part) for part in value]
            rebuilt[key] = value
        if root or count[text] == 1 or len(text) < 120:
            return rebuilt
        name = "x" + hashlib.sha256(text.encode()).hexdigest()[:8]
        assert definitions.setdefault(name, rebuilt) == rebuilt, f"{name} names two schemas"
        return ref(name)

    shared = {name: share(schema, root=True) for name, schema in roots.items()}
    for api_version, kind, scope, name in sorted(kinds):
        yield f"kind {api_version} {kind} {scope} {name}"
    for name, schema in sorted({**shared, **definitions}.items()):
        yield f"{name} - - {dump(schema)}"


def parts(schema):
    for key, value in schema.items():
        if key in MAPS:
            yield from value.values()
        elif key in SCHEMAS and isinstance(value, dict):
            yield value
        elif key in LISTS:
            yield from value


def main():
    match sys.argv[1:]:
        case ["core"]:
            target, lines = HERE / "core.txt", core()
        case ["core", "--print"]:
            target, lines = None, core()
        case ["custom", directory]:
            target, lines = HERE / "custom.txt", custom(directory)
        case _:
            raise SystemExit(__doc__)
    text = "\n".join(lines) + "\n"
    if target is None:
        sys.stdout.write(text)
    else:
        target.write_text(text)


main()
