// server: what a real API server has against objects. It reads one JSON object a line and answers each with one line.
//
// An object goes the way that it goes in the server when it is created: strict decoding, defaults, conversion, the strategy
// of its kind, and the checks of metadata that all kinds share. Only what needs a running cluster is left out: quota,
// allocation of addresses and ports, and admission plugins.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	// Time zones are those of the program, as in the server's image, and not those of the machine.
	_ "time/tzdata"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
)

var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	{Group: "", Kind: "ConfigMap"}:                            configmap.Strategy,
	{Group: "", Kind: "LimitRange"}:                           limitrange.Strategy,
	{Group: "", Kind: "Namespace"}:                            namespace.Strategy,
	{Group: "", Kind: "PersistentVolumeClaim"}:                persistentvolumeclaim.Strategy,
	{Group: "", Kind: "Pod"}:                                  pod.Strategy,
	{Group: "", Kind: "ResourceQuota"}:                        resourcequota.Strategy,
	{Group: "", Kind: "Secret"}:                               secret.Strategy,
	{Group: "", Kind: "Service"}:                              service.Strategy,
	{Group: "", Kind: "ServiceAccount"}:                       serviceaccount.Strategy,
	{Group: "apps", Kind: "DaemonSet"}:                        daemonset.Strategy,
	{Group: "apps", Kind: "Deployment"}:                       deployment.Strategy,
	{Group: "apps", Kind: "ReplicaSet"}:                       replicaset.Strategy,
	{Group: "apps", Kind: "StatefulSet"}:                      statefulset.Strategy,
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}:   horizontalpodautoscaler.Strategy,
	{Group: "batch", Kind: "CronJob"}:                         cronjob.Strategy,
	{Group: "batch", Kind: "Job"}:                             job.Strategy,
	{Group: "networking.k8s.io", Kind: "Ingress"}:             ingress.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:       networkpolicy.Strategy,
	{Group: "policy", Kind: "PodDisruptionBudget"}:            poddisruptionbudget.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:        role.Strategy,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}: rolebinding.Strategy,
}

type refusal struct {
	Field  string `json:"field"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

type answer struct {
	Refusals []refusal `json:"refusals"`
	Warnings []string  `json:"warnings"`
	// What is no question for this program, such as a kind that it does not know.
	Unknown string `json:"unknown,omitempty"`
}

var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()

func main() {
	// As clusters have it: whether a container may be privileged is a matter of policy there.
	capabilities.Setup(true, 0)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		if err := encoder.Encode(judge(line)); err != nil {
			panic(err)
		}
		out.Flush()
	}
}

func judge(line []byte) (said answer) {
	said = answer{Refusals: []refusal{}, Warnings: []string{}}
	// The server recovers from a panic of one request, which is no answer of 2xx either.
	defer func() {
		if cause := recover(); cause != nil {
			said.Refusals = append(said.Refusals, refusal{Type: "Panic", Detail: fmt.Sprint(cause)})
		}
	}()
	object, kind, err := strict.Decode(line, nil, nil)
	switch {
	case err == nil:
	case runtime.IsNotRegisteredError(err):
		said.Unknown = err.Error()
		return said
	case runtime.IsStrictDecodingError(err) && object != nil:
		strictly, _ := runtime.AsStrictDecodingError(err)
		for _, one := range strictly.Errors() {
			said.Refusals = append(said.Refusals, refusal{Type: "Strict", Detail: one.Error()})
		}
	default:
		said.Refusals = append(said.Refusals, refusal{Type: "Decode", Detail: err.Error()})
		return said
	}
	strategy, ok := strategies[kind.GroupKind()]
	if !ok {
		said.Unknown = "no strategy for " + kind.String()
		return said
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		said.Refusals = append(said.Refusals, refusal{Type: "Decode", Detail: err.Error()})
		return said
	}
	ctx := request.WithRequestInfo(request.NewContext(), &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: kind.Group, APIVersion: kind.Version,
	})
	if strategy.NamespaceScoped() {
		if accessor.GetNamespace() == "" {
			accessor.SetNamespace("x")
		}
		ctx = request.WithNamespace(ctx, accessor.GetNamespace())
	} else {
		ctx = request.WithNamespace(ctx, "")
	}
	refusals, warnings := create(ctx, strategy, object)
	for _, one := range refusals {
		said.Refusals = append(said.Refusals, refusal{Field: one.Field, Type: string(one.Type), Detail: one.ErrorBody()})
	}
	said.Warnings = append(said.Warnings, warnings...)
	return said
}

// create is rest.BeforeCreate, which keeps the list of errors to itself.
func create(ctx context.Context, strategy rest.RESTCreateStrategy, object runtime.Object) (field.ErrorList, []string) {
	accessor, _ := meta.Accessor(object)
	rest.FillObjectMetaSystemFields(accessor)
	if accessor.GetName() == "" && accessor.GetGenerateName() != "" {
		accessor.SetName(strategy.GenerateName(accessor.GetGenerateName()))
	}
	// The storage of services does so before anything is checked.
	if service, ok := object.(*core.Service); ok && service.Spec.ClusterIP != "" && len(service.Spec.ClusterIPs) == 0 {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
	// As it allocates a port for checks.
	if service, ok := object.(*core.Service); ok && service.Spec.Type == core.ServiceTypeLoadBalancer &&
		service.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal && service.Spec.HealthCheckNodePort == 0 {
		service.Spec.HealthCheckNodePort = 30000
	}
	strategy.PrepareForCreate(ctx, object)
	errors := strategy.Validate(ctx, object)
	if len(errors) == 0 {
		errors = validation.ValidateObjectMetaAccessor(
			accessor, strategy.NamespaceScoped(), path.ValidatePathSegmentName, field.NewPath("metadata"))
	}
	return errors, strategy.WarningsOnCreate(ctx, object)
}
