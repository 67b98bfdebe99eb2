//! Plain attributes of arguments, loaded once at the entry.
//!
//! ```text
//! def step(self, dt): … self.x[i] … self.k …      =>      self.x and self.k are two more arguments
//! ```
//!
//! That holds as long as no unknown code runs. What is stored is held like a variable where that is possible ([`held`]);
//! otherwise an attribute that is stored stays a load where it stands.

use numlift_abi::Request;
use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::{Kind, Touches};
use numlift_ir::ty::Ty;
use numlift_source::read::held::Attribute;

use super::types;

/// The name of the parameter for an attribute; no Python name looks like it.
pub fn hidden_name(place: usize) -> String {
    format!("<attribute {place}>")
}

/// The name of the object that an attribute is of.
fn owner<'r>(request: &'r Request, attribute: &'r numlift_abi::Attribute) -> Option<&'r str> {
    match &attribute.global {
        Some(name) => Some(name),
        None => {
            let (name, _) = request.params.get(attribute.argument as usize)?;
            Some(name)
        }
    }
}

/// The type of an argument that is an object with attributes.
pub fn object_type(request: &Request, argument: usize) -> Option<Ty> {
    typed(request, |attribute| {
        attribute.global.is_none() && attribute.argument as usize == argument
    })
}

/// The type of a global that is one.
pub fn type_of_global(request: &Request, name: &str) -> Option<Ty> {
    typed(request, |attribute| attribute.global.as_deref() == Some(name))
}

fn typed(request: &Request, is_own: impl Fn(&numlift_abi::Attribute) -> bool) -> Option<Ty> {
    let own = || request.attributes.iter().filter(|attribute| is_own(attribute));
    let class = own().next()?.class.clone();
    let attrs = own()
        .map(|attribute| (attribute.name.clone(), types::ty_of(&attribute.param)))
        .collect();
    Some(Ty::Object { class, attrs })
}

/// The attributes that may be held like variables and written back: of objects that are surely not one another, where
/// storing runs no code.
pub fn held(request: &Request) -> Vec<Attribute> {
    let is_alone = |attribute: &numlift_abi::Attribute| {
        let own = owner(request, attribute);
        let mut others = request.attributes.iter();
        others.all(|other| owner(request, other) == own || other.class != attribute.class)
    };
    request
        .attributes
        .iter()
        .enumerate()
        .filter(|(_, attribute)| attribute.stores_plainly && is_alone(attribute))
        .filter_map(|(place, attribute)| {
            Some(Attribute {
                object: owner(request, attribute)?.to_owned(),
                name: attribute.name.clone(),
                held: hidden_name(place),
            })
        })
        .collect()
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
                    let owner = owner(request, attribute);
                    let is_own = |object: &ValueId| params.contains(object) && func.name_of(*object) == owner;
                    attribute.name == *name && data.args.first().is_some_and(is_own)
                });
                loads.extend(found.map(|place| (data.results[0], place)));
            }
            Kind::SetAttr(name) => stored.push(name.clone()),
            Kind::Opaque { touches, .. } => unknown |= *touches != Touches::Nothing,
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
