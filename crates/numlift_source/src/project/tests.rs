use ruff_python_ast::visitor::{self, Visitor};
use ruff_text_size::Ranged;

use super::*;

fn link(files: &[(&str, &str)]) -> ProjectNames {
    let texts: Vec<ModuleText> = files
        .iter()
        .enumerate()
        .map(|(index, (name, source))| ModuleText {
            name: name.trim_end_matches('/').to_owned(),
            is_package: name.ends_with('/'),
            is_main: index == 0,
            text: SourceText::from_str(format!("{name}.py"), source),
        })
        .collect();
    ProjectNames::link(&texts)
}

/// What the callee of each call in the first module is.
fn callees(files: &[(&str, &str)]) -> String {
    let project = link(files);
    let mut lister = Lister {
        project: &project,
        lines: Vec::new(),
    };
    lister.visit_body(&project.module(ModuleId(0)).parsed.module.body);
    lister.lines.join("\n")
}

struct Lister<'p> {
    project: &'p ProjectNames,
    lines: Vec<String>,
}

impl<'a> Visitor<'a> for Lister<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            let module = self.project.module(ModuleId(0));
            let meaning = match self.project.function_named(ModuleId(0), &call.func) {
                Some(found) => {
                    let owner = self.project.module(found.module);
                    format!(
                        "def {} of {}",
                        owner.qualname(Some(found.function)),
                        self.project.name(found.module)
                    )
                }
                None => match self.project.class_named(ModuleId(0), &call.func) {
                    Some(found) => format!("class of {}", self.project.name(found.module)),
                    None => module.names.qualified_name(&call.func).unwrap_or("?".to_owned()),
                },
            };
            self.lines
                .push(format!("{} = {meaning}", module.parsed.slice(call.func.range())));
        }
        visitor::walk_expr(self, expr);
    }
}

#[test]
fn functions_of_other_modules() {
    insta::assert_snapshot!(callees(&[
        ("main", "import helper, pkg.deep as d\nfrom pkg import shape, Grid\nfrom helper import *\nimport math\n\
                  helper.scale(1); d.step(2); shape(3); Grid(); helper.gone(); math.exp(1); d.patched()\n\
                  d.patched = 1\n"),
        ("helper", "def scale(x): return x\nfrom pkg.deep import step as walk\n"),
        ("pkg/", "from .deep import step as shape\nfrom . import deep\nclass Grid: pass\n"),
        ("pkg.deep", "def step(x): return x\ndef patched(): pass\n"),
    ]), @"
    helper.scale = def scale of helper
    d.step = def step of pkg.deep
    shape = def step of pkg.deep
    Grid = class of pkg
    helper.gone = ?
    math.exp = math.exp
    d.patched = ?
    ");
}

#[test]
fn a_module_of_the_project_shadows_the_library() {
    insta::assert_snapshot!(callees(&[
        ("main", "import random, math\nrandom.random(); math.sin(0)\n"),
        ("random", "def random(): return 4\n"),
        ("other", "import math\nmath.cos = None\nmath.sin = None"),
    ]), @"
    random.random = def random of random
    math.sin = ?
    ");
}

#[test]
fn globals_that_others_read_are_live() {
    let live = |main: &str| {
        let project = link(&[("main", main), ("helper", "a = 1\nb = 2\nc = 3\n")]);
        let (_, helper) = project.modules().nth(1).unwrap();
        let end = helper.text().as_str().trim_end().len() as u32;
        helper.region_flow(0, end).unwrap().live_out.join(" ")
    };
    assert_eq!(live("import helper\nprint(helper.a)"), "a");
    assert_eq!(live("from helper import b as x"), "b");
    assert_eq!(live("import helper as h\nh.a = h.c"), "a c");
    for all in [
        "from helper import *",
        "import helper\nf(helper)",
        "import importlib\nimportlib.import_module(n)",
    ] {
        assert_eq!(live(all), "a b c", "{all}");
    }
}

#[test]
fn classes_that_others_change() {
    let known = |main: &str| {
        let helper = "class C:\n    def run(self): return self.step()\n    def step(self): return 1\n";
        let project = link(&[("main", main), ("helper", helper)]);
        let names = &project.module(ModuleId(1)).names;
        let Some((class, _)) = names.classes().next() else {
            panic!("a class")
        };
        let plain = names.attribute_is_plain(class, "x");
        let step = first_attribute(&project.module(ModuleId(1)).parsed, "self.step").unwrap();
        (plain, names.method_of_self(&step).is_some())
    };
    assert_eq!(known("import helper\nhelper.C().run()"), (true, true));
    assert_eq!(known("import helper\nhelper.C.x = property(f)"), (false, false));
    assert_eq!(
        known("import helper\nclass D(helper.C):\n    def step(self): return 2"),
        (true, false)
    );
    assert_eq!(known("import helper\nc = helper.C()\nc.step = f"), (true, false));
}

fn first_attribute(parsed: &Parsed, text: &str) -> Option<Expr> {
    struct Find<'p>(&'p Parsed, &'p str, Option<Expr>);
    impl<'a> Visitor<'a> for Find<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if self.0.slice(expr.range()) == self.1 && self.2.is_none() {
                self.2 = Some(expr.clone());
            }
            visitor::walk_expr(self, expr);
        }
    }
    let mut find = Find(parsed, text, None);
    find.visit_body(&parsed.module.body);
    find.2
}

#[test]
fn star_imports_of_the_project() {
    insta::assert_snapshot!(callees(&[
        ("main", "import numpy as np\nfrom helper import *\nnp.sin(1); scale(2); _hidden(3); far(4); num.cos(5); sqrt(6); len(7)\n\
                  def f(): return np.zeros(8), helper_np.ones(9), scale(10)\n"),
        ("helper", "import numpy as helper_np\nimport numpy as num\nfrom deep import *\nfrom math import sqrt\n\
                    def scale(x): return x\ndef _hidden(x): return x\n"),
        ("deep", "__all__ = ['far']\ndef far(x): return x\ndef near(x): return x\n"),
    ]), @"
    np.sin = numpy.sin
    scale = def scale of helper
    _hidden = ?
    far = def far of deep
    num.cos = numpy.cos
    sqrt = math.sqrt
    len = builtins.len
    np.zeros = numpy.zeros
    helper_np.ones = numpy.ones
    scale = def scale of helper
    ");
}
