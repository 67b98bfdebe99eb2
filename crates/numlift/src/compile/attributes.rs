//! Plain attributes of arguments, loaded once at the entry.
//!
//! ```text
//! def step(self, dt): … self.x[i] … self.k …      =>      self.x and self.k are two more arguments
//! ```
//!
//! That holds as long as nothing in the function may change them: no attribute of the name is stored, and no unknown
//! code runs. Otherwise the attribute stays a load where it stands.

use numlift_abi::Request;
use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::{Kind, Touches};
use numlift_ir::ty::Ty;

use super::types;

/// The name of the parameter for an attribute; no Python name looks like it.
pub fn hidden_name(place: usize) -> String {
    format!("<attribute {place}>")
}

/// The type of an argument that is an object with attributes.
pub fn object_type(request: &Request, argument: usize) -> Option<Ty> {
    let own = || {
        let of = |attribute: &&numlift_abi::Attribute| attribute.argument as usize == argument;
        request.attributes.iter().filter(of)
    };
    let class = own().next()?.class.clone();
    let attrs = own()
        .map(|attribute| (attribute.name.clone(), types::ty_of(&attribute.param)))
        .collect();
    Some(Ty::Object { class, attrs })
}

/// Puts the parameters for attributes where these are loaded.
pub fn hoist(mut func: Function, request: &Request) -> Function {
    let params = func.block(func.body).params.clone();
    let mut loads: Vec<(ValueId, usize)> = Vec::new();
    let (mut stored, mut unknown) = (Vec::new(), false);
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        match &data.kind {
            Kind::Attr(name) => {
                let found = request.attributes.iter().position(|attribute| {
                    attribute.name == *name && params.get(attribute.argument as usize) == data.args.first()
                });
                loads.extend(found.map(|place| (data.results[0], place)));
            }
            Kind::SetAttr(name) => stored.push(name.clone()),
            Kind::Opaque { touches, .. } => unknown |= *touches == Touches::Anything,
            _ => {}
        }
    });
    if unknown {
        return func;
    }
    for (load, place) in loads {
        if stored.contains(&request.attributes[place].name) {
            continue;
        }
        let name = hidden_name(place);
        let param = params
            .iter()
            .find(|param| func.name_of(**param) == Some(&name))
            .copied();
        if let Some(param) = param {
            func.replace_everywhere(load, param);
        }
    }
    func
}
