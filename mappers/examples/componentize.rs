//! Turns a core module into a component: `componentize IN OUT`. No adapter is used, so an import that the contract
//! lacks is an error.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: componentize IN OUT".into());
    };
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&std::fs::read(&from)?)?
        .encode()?;
    std::fs::write(&to, component)?;
    Ok(())
}
