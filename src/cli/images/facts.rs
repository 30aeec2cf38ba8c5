//! `stockade images list` and `show`: what is known of images.

use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::terminal::Terminal;
use crate::diagnostics::{codes, nearest};
use crate::images;
use crate::values::ImageRef;

/// Prints every family.
///
/// # Errors
/// Nothing can be printed.
pub fn list(terminal: &Terminal) -> Done {
    let all = images::list();
    let wide = all.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    let line = |(name, title, repositories): (String, String, Vec<String>)| {
        format!("{name:wide$}  {title}: {}\n", repositories.join(", "))
    };
    terminal.out(&all.into_iter().map(line).collect::<String>())?;
    Ok(Exit::Fine)
}

/// Prints one family.
///
/// # Errors
/// Nothing is known under that name.
pub fn show(name: &str, terminal: &Terminal) -> Done {
    let of_image = || name.parse::<ImageRef>().ok().and_then(|image| images::known(&image));
    let text = images::tell(name).or_else(|| {
        let known = of_image()?;
        Some(format!("{} ({}): {}", known.title, known.name, images::tell(&known.name)?))
    });
    let Some(text) = text else { return Err(unknown(name)) };
    terminal.out(&text)?;
    Ok(Exit::Fine)
}

fn unknown(name: &str) -> Failure {
    let all = images::list();
    let help = match nearest(name, all.iter().map(|(name, ..)| name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`stockade images list` prints what is known; of other images the system file says what they need"
            .to_owned(),
    };
    Failure::input(codes::UNKNOWN_VALUE, format!("nothing is known of the image `{}`", name.escape_debug()), help)
}
