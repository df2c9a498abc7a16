use super::*;

fn filled(text: &str, values: &[(&str, &str)]) -> Filled {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    fill(&Arc::from("a.yaml"), text.to_owned(), &values)
}

fn object(kind: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\n{more}")
}

/// What is open of a text, as `name=written@line`; what is left as it is stands in brackets.
fn told(text: &str) -> String {
    let filled = filled(text, &[]);
    let one = |variable: &Variable| {
        let Variable { name, written, line, default } = variable;
        let default = default.as_ref().map(|default| format!(" or {default}")).unwrap_or_default();
        format!("{name}={written}@{line}{default}")
    };
    match filled.unfilled {
        Some(Skipped::Template(open)) => open.iter().map(one).collect::<Vec<_>>().join(", "),
        Some(Skipped::Unreadable(reason)) => reason,
        Some(other) => format!("{other:?}"),
        None => format!("[{}]", filled.left.iter().map(one).collect::<Vec<_>>().join(", ")),
    }
}

#[test]
fn variables_are_told_by_their_places() {
    for (text, expected) in [
        // What no cluster takes.
        ("metadata:\n  name: {{ .Values.app.name }}\n", "app.name={{ .Values.app.name }}@4"),
        ("metadata:\n  name: a-{{name|lower}}\n", "name={{name|lower}}@4"),
        ("metadata:\n  name: '{{ default \"a\" .Name }}'\n", "Name={{ default \"a\" .Name }}@4 or a"),
        ("metadata:\n  name: ${APP:-web}\n  namespace: $NS\n", "APP=${APP:-web}@4 or web, NS=$NS@5"),
        ("metadata:\n  name: __APP__-web\n", "APP=__APP__@4"),
        ("metadata:\n  name: <APP>\n", "APP=<APP>@4"),
        ("metadata:\n  name: <your-app>\n", "your-app=<your-app>@4"),
        ("metadata:\n  name: @@APP@@\n", "APP=@@APP@@@4"),
        ("spec:\n  replicas: ${N}\n", "N=${N}@4"),
        ("metadata:\n  labels:\n    app: web\n    APP_LABEL\n", "APP_LABEL=APP_LABEL@6"),
        (
            "spec:\n  - name: a\n    APP_IMAGE|-image: a:1-|\n",
            "APP_IMAGE=APP_IMAGE|-image: a:1-|@5 or image: a:1",
        ),
        // The environment of a process.
        ("env:\n- name: A\n  value: ${X}\n", "X=${X}@5"),
        ("env:\n- name: A\n  value: -Xmx${X}\n", "[X=${X}@5]"),
        ("env:\n- name: A\n  value: $(X)\n", "[]"),
        ("env:\n- name: A\n  value: host.__NS__\n", "NS=__NS__@5"),
        // What programs read.
        ("data:\n  a: |\n    {{ $labels.pod }} ${X} __X__\n", "[]"),
        ("command: [sh, -c, 'echo ${HOME} $PATH {{ .Name }}']\n", "[]"),
        ("metadata:\n  annotations:\n    a: 'proxy $host;'\n    b: '{{ .Name }}'\n", "[]"),
        // What is Helm's, or in capitals, is nobody else's.
        (
            "data:\n  a: 'https://{{.Values.domain}}'\n  b: '{{ .APP }}'\n",
            "domain={{.Values.domain}}@4, APP={{ .APP }}@5",
        ),
        // An image is for the release to say.
        ("image: web:${TAG}\n", "[TAG=${TAG}@3]"),
        ("image: TAG|-web:1-|\n", "[TAG=TAG|-web:1-|@3 or web:1]"),
        ("image: web:{{ tag }}\n", "[tag={{ tag }}@3]"),
        ("image: web:{{ tag }}\nhost: {{ host }}\n", "tag={{ tag }}@3, host={{ host }}@4"),
        // Nothing at all.
        ("a: QUARKUS__LOG__LEVEL\nb: 5 < 6 > 4\nc: a@b.example\nd: $$\ne: ${1}\nf: __init__\n", "[]"),
        ("a: <b>\nc: |-\n  A|-b-|\n", "A=A|-b-|@5 or b"),
    ] {
        let kind = if text.starts_with("data") { "ConfigMap" } else { "Thing" };
        let text = object(kind, text);
        assert_eq!(told(&text), expected, "{text}");
    }
}

#[test]
fn values_take_the_place_of_variables() {
    let text = object(
        "Thing",
        "metadata:\n  name: {{ .Values.name }}\n  namespace: ${NS:-a}\nimage: \"{{ image | quote }}:__TAG__\"\nargs: ['$NS']\nb: {{/* no */}}\n",
    );
    let values = [(".Values.name", "web"), ("NS", "shop"), ("image", "a/b"), ("TAG", "1"), ("unused", "x")];
    let done = filled(&text, &values);
    assert_eq!(done.unfilled, None);
    assert_eq!(
        done.text,
        object("Thing", "metadata:\n  name: web\n  namespace: shop\nimage: \"a/b:1\"\nargs: ['$NS']\nb: \n")
    );
    assert!(filled(&text, &[("name", "x"), ("NS", "y")]).unfilled.is_some());
    // A value stays in its place.
    let done = filled(&text, &[("name", "a\nkind: Secret")]);
    assert!(matches!(done.unfilled, Some(Skipped::Unreadable(reason)) if reason.contains("`name`")));
}

#[test]
fn steps_of_a_template_are_told_in_words() {
    for step in [
        "{{ if .A }}",
        "{{- range .B }}",
        "{% for a in b %}",
        "{{ include \"a\" . }}",
        "{{#a}}",
        "{{ $a := 1 }}",
    ] {
        let told = told(&object("Thing", &format!("metadata:\n  name: a\n{step}\nb: c\n")));
        assert!(told.contains("steps of its own"), "{step}: {told}");
    }
    // Those of a program in a text are its own.
    let text = object(
        "ConfigMap",
        "metadata:\n  name: a\ndata:\n  a: |\n    {{ range .Alerts }}{{ .Name }}{{ end }}\n",
    );
    assert!(filled(&text, &[]).unfilled.is_none());
    // Text that a tool would leave alone is what it would make of it.
    let text = object("ConfigMap", "metadata:\n  name: {{ a }}\ndata:\n  a: |\n    {{`{{ b }}`}}\n");
    let done = filled(&text, &[("a", "x")]);
    assert!(done.text.ends_with("    {{ b }}\n") && done.unfilled.is_none(), "{done:?}");
}

#[test]
fn odd_texts_end() {
    for text in [
        "kind: {{",
        "kind: ${",
        "kind: ${é",
        "kind: __",
        "kind: @@",
        "kind: <",
        "kind: {{ é }}",
        "kind: {%",
        "kind A|-",
        "kind {{/*",
        "kind: {{ ' }}",
    ] {
        filled(text, &[]);
    }
    for open in ["{{", "{%", "{{/*", "${A", "<A", "@@A", "__A", "A|-", "{{ '", "é{{"] {
        filled(&format!("kind: |\n  {}", open.repeat(300_000 / open.len())), &[]);
    }
    let long = format!("kind: a\nb: {}", "{{ x }}".repeat(50_000));
    assert!(filled(&long, &[]).unfilled.is_some());
}

#[test]
fn an_image_that_nobody_filled_in_keeps_nothing_from_being_read() {
    let image = |image: &str| {
        object("Pod", &format!("metadata:\n  name: a\nspec:\n  containers:\n  - image: {image}\n"))
    };
    for (written, read) in [
        ("\"{{ IMAGE }}\"", "\"{{ IMAGE }}\""),
        ("a/b:{{ tag }} # the release", "\"a/b:{{ tag }}\" # the release"),
        ("a/b:${{ github.sha }}", "\"a/b:${{ github.sha }}\""),
    ] {
        let done = filled(&image(written), &[]);
        assert_eq!((done.text, done.unfilled), (image(read), None), "{written}");
        assert_eq!(done.left.len(), 1, "{written}");
    }
    assert_eq!(filled(&image("a/b:{{ tag }}"), &[("tag", "1")]).text, image("\"a/b:1\""));
    // What no reader takes has to be filled in, and so has what stands elsewhere.
    assert!(filled(&image("{{ image }}"), &[]).unfilled.is_some());
    assert!(filled(&object("Pod", "metadata:\n  name: a:{{ tag }}\n"), &[]).unfilled.is_some());
}
