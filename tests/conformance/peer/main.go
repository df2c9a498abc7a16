// Builds kustomizations as `kustomize build` does, many in one process: reads a directory a line, answers with a line
// of JSON each, which is what would be printed or why nothing is.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type answer struct {
	Printed string `json:"printed"`
	Error   string `json:"error,omitempty"`
}

// build does what the command does, whose order of objects is not the library's.
func build(directory string) (reply answer) {
	// A panic is a refusal too, and the next directory is another matter.
	defer func() {
		if cause := recover(); cause != nil {
			reply = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	objects, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), directory)
	if err != nil {
		return answer{Error: err.Error()}
	}
	printed, err := objects.AsYaml()
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Printed: string(printed)}
}

func main() {
	log.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(build(lines.Text())); err != nil {
			os.Exit(1)
		}
	}
}
