//! numlift's intermediate representation: what NumPy means, without Python text.
//!
//! A [`function::Function`] holds ops in blocks over typed values. The same op set says what a program reads as, what
//! it raises to and what is written back; see [`op`] for the forms. Nothing here does I/O or knows Python's syntax.

pub mod affine;
pub mod build;
pub mod canon;
pub mod draws;
pub mod dtype;
pub mod effects;
pub mod function;
pub mod infer;
pub mod launch;
pub mod local;
pub mod op;
pub mod polynomial;
pub mod scalar;
pub mod stores;
pub mod table;
pub mod text;
pub mod ty;
pub mod validate;

#[cfg(test)]
mod generate;
