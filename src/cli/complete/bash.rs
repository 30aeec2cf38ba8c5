//! bash, whose line editor takes `KEY=VALUE` and `FILE:LINE` for several words.

use clap_complete::env::{Bash as Plain, EnvCompleter};
use std::ffi::OsString;
use std::io::{Error, Write};
use std::path::Path;

/// Puts words together again that belong together, and gives back only what follows the last `=` or `:`.
const SCRIPT: &str = r#"_stockade() {
    local IFS=$'\013' line=$COMP_LINE word before joined=0 candidate i
    local -a words=() found=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word ]]; then before=${line%%"$word"*}; else before=$line; fi
        line=${line#*"$word"}
        # What stands before the cursor alone counts.
        if ((i == COMP_CWORD)); then
            if [[ $word == [=:]* ]]; then word=$word$2; else word=$2; fi
        fi
        if ((i > 1)) && [[ -z $before && ($joined == 1 || ${COMP_WORDS[i]} == [=:]*) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        if [[ ${COMP_WORDS[i]} == *[=:] ]]; then joined=1; else joined=0; fi
    done
    local last=${words[${#words[@]}-1]}
    local kept=${last%"$2"}
    found=($(_CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX="$((${#words[@]} - 1))" VARIABLE=bash \
        "COMPLETER" -- "${words[@]}" 2>/dev/null)) || found=()
    COMPREPLY=()
    for candidate in "${found[@]}"; do
        COMPREPLY+=("${candidate#"$kept"}")
    done
    # Behind a whole word follows a space, behind the beginning of one does not.
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} != *[=/:] ]]; then
        compopt +o nospace 2>/dev/null || COMPREPLY[0]+=' '
    fi
}
complete -o nospace -o bashdefault -F _stockade BIN
"#;

/// The shell.
pub(in crate::cli) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        variable: &str,
        _: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let quoted = |text: &str| shlex::try_quote(text).map(|text| text.into_owned()).map_err(Error::other);
        let script = SCRIPT.replace("VARIABLE", variable).replace("BIN", &quoted(bin)?);
        out.write_all(script.replace("\"COMPLETER\"", &quoted(completer)?).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        Plain.write_complete(command, words, here, out)
    }
}
