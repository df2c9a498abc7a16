// Evaluates expressions as the API server of Kubernetes 1.33 does: reads a line of JSON each, `{"expression": ..., "object": ...,
// "params": ...}`, and answers with a line of JSON, which is the value in a form of our own or why there is none.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

type question struct {
	Expression string `json:"expression"`
	Object     any    `json:"object"`
	Params     any    `json:"params"`
	// Evaluated before it, in order.
	Variables []struct {
		Name       string `json:"name"`
		Expression string `json:"expression"`
	} `json:"variables"`
}

type answer struct {
	Value string `json:"value"`
	// Whether it is refused before there is an object.
	Refused bool   `json:"refused"`
	Error   string `json:"error,omitempty"`
}

// show writes a value so that two values are written alike only if they are the same.
func show(value ref.Val) string {
	switch value := value.(type) {
	case types.Bool:
		return strconv.FormatBool(bool(value))
	case types.Int:
		return strconv.FormatInt(int64(value), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(value), 10) + "u"
	case types.Double:
		return "double(" + strconv.FormatFloat(float64(value), 'e', -1, 64) + ")"
	case types.String:
		quoted, _ := json.Marshal(string(value))
		return string(quoted)
	case types.Bytes:
		return fmt.Sprintf("bytes(%x)", []byte(value))
	case types.Null:
		return "null"
	case *types.Optional:
		if !value.HasValue() {
			return "none"
		}
		return "some(" + show(value.GetValue()) + ")"
	case *types.Type:
		return "type(" + value.TypeName() + ")"
	}
	if list, ok := value.(traits.Lister); ok {
		parts := []string{}
		for it := list.Iterator(); it.HasNext() == types.True; {
			parts = append(parts, show(it.Next()))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if m, ok := value.(traits.Mapper); ok {
		parts := []string{}
		for it := m.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			parts = append(parts, show(key)+": "+show(m.Get(key)))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "type(" + value.Type().TypeName() + ")"
}

func evaluate(env *cel.Env, asked question) (reply answer) {
	defer func() {
		if cause := recover(); cause != nil {
			reply = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	variables := map[string]any{}
	given := map[string]any{"object": asked.Object, "params": asked.Params, "variables": variables}
	for _, variable := range asked.Variables {
		ast, issues := env.Compile(variable.Expression)
		if issues.Err() != nil {
			return answer{Refused: true, Error: variable.Name + ": " + issues.Err().Error()}
		}
		program, err := env.Program(ast)
		if err != nil {
			return answer{Refused: true, Error: variable.Name + ": " + err.Error()}
		}
		value, _, err := program.Eval(given)
		if err != nil {
			return answer{Error: variable.Name + ": " + err.Error()}
		}
		variables[variable.Name] = value
	}
	ast, issues := env.Compile(asked.Expression)
	if issues.Err() != nil {
		return answer{Refused: true, Error: issues.Err().Error()}
	}
	program, err := env.Program(ast)
	if err != nil {
		return answer{Refused: true, Error: err.Error()}
	}
	value, _, err := program.Eval(given)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: show(value)}
}

// numbers turns what JSON has into what an API server's objects have: whole numbers are int64.
func numbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		fraction, _ := value.Float64()
		return fraction
	case []any:
		for i := range value {
			value[i] = numbers(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = numbers(value[key])
		}
	}
	return value
}

func main() {
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 33), true).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{cel.Variable("object", cel.DynType), cel.Variable("params", cel.DynType), cel.Variable("variables", cel.DynType)},
	})
	if err != nil {
		log.Fatal(err)
	}
	env := set.StoredExpressionsEnv()
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		var asked question
		decoder := json.NewDecoder(strings.NewReader(string(line)))
		decoder.UseNumber()
		if err := decoder.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		asked.Object, asked.Params = numbers(asked.Object), numbers(asked.Params)
		if err := out.Encode(evaluate(env, asked)); err != nil {
			log.Fatal(err)
		}
	}
}
