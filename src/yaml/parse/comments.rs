//! Where the comments of a file stand: the parser alone knows which `#` begins one and which is part of a text.

use std::ops::Range;

use granit_parser::{Event, Parser};

use super::MAX_DEPTH;
use crate::yaml::Source;

/// Returns the byte ranges of a file's comments, each from its `#` to the end of its line, in their order.
///
/// Of a file that cannot be read to its end, those before the fault.
pub fn comments(source: &Source) -> Vec<Range<usize>> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_comments: true,
        flow_nesting_limit: 2 * MAX_DEPTH,
        block_nesting_limit: 2 * MAX_DEPTH,
    };
    let mut found = Vec::new();
    for item in Parser::new_from_str_with_options(&source.text, options) {
        let Ok((event, place)) = item else { break };
        if let (Event::Comment(..), Some(range)) = (event, place.byte_range()) {
            found.push(range);
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::SourceId;

    fn texts(text: &str) -> Vec<String> {
        let source = Source { id: SourceId(0), path: "a.yaml".into(), text: text.to_owned() };
        comments(&source).into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn only_comments_are_comments() {
        let text = "\u{feff}# first\na: b # second\nc: \"d # no\"\ne: 'f # no'\ng: h#no\ni: |\n  # no\n  j\nk: >-\n  l # no\n\
                    # third\nm:\n  # fourth é\n  - n # fifth\n  - { o: p } # sixth\nq: r\n  # seventh\n";
        assert_eq!(
            texts(text),
            ["# first", "# second", "# third", "# fourth é", "# fifth", "# sixth", "# seventh"]
        );
        assert_eq!(texts("a: b\r\n# c\r\nd: e # f\r\n"), ["# c", "# f"]);
    }

    #[test]
    fn a_file_with_a_fault_ends_there() {
        assert_eq!(texts("# a\nb: [\n# c\n"), ["# a", "# c"]);
        assert_eq!(texts("# a\nb: \"\n# c\n"), ["# a"]);
    }
}
