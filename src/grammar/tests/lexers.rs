//! Lexers written after the sources that `nginx.rs` and `caddy.rs` name.

/// `ngx_conf_read_token` for one parameter before `;`: the words up to the directive's end.
pub(super) fn nginx_words(text: &str) -> Option<Vec<String>> {
    let mut chars = text.chars().peekable();
    let mut words = Vec::new();
    loop {
        match *chars.peek()? {
            ' ' => {
                chars.next();
            }
            ';' => return Some(words),
            '#' | '{' | '}' => return None,
            first => {
                let quote = matches!(first, '"' | '\'').then_some(first);
                if quote.is_some() {
                    chars.next();
                }
                let mut word = String::new();
                loop {
                    match *chars.peek()? {
                        '\\' => {
                            chars.next();
                            match chars.next()? {
                                c @ ('"' | '\'' | '\\') => word.push(c),
                                't' => word.push('\t'),
                                'r' => word.push('\r'),
                                'n' => word.push('\n'),
                                c => word.extend(['\\', c]),
                            }
                            continue;
                        }
                        c if Some(c) == quote => {
                            chars.next();
                            break;
                        }
                        ' ' | ';' | '{' if quote.is_none() => break,
                        c => word.push(c),
                    }
                    chars.next();
                }
                words.push(word);
            }
        }
    }
}

/// Caddy's lexer for the tokens of one line.
pub(super) fn caddy_tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = String::new();
        match c {
            _ if c.is_whitespace() => continue,
            '#' => break,
            '`' => token.extend(chars.by_ref().take_while(|c| *c != '`')),
            '"' => {
                let mut escaped = false;
                for c in chars.by_ref() {
                    match c {
                        '\\' if !escaped => escaped = true,
                        '"' if !escaped => break,
                        '"' => {
                            token.push('"');
                            escaped = false;
                        }
                        _ => {
                            if std::mem::take(&mut escaped) {
                                token.push('\\');
                            }
                            token.push(c);
                        }
                    }
                }
            }
            _ => {
                token.push(c);
                while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
                    token.push(c);
                }
            }
        }
        tokens.push(token);
    }
    tokens
}
