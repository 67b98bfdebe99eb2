//! The functions that compiled code calls, by name.
//!
//! All of them are called with the interpreter's lock held, except those of [`MATH`] and [`MEMORY`].

use crate::Scalar;

/// `ptr nl_exit(ptr ctx, i32 frame, ptr slots)`: boxes the values of a frame and goes on in Python at its statement.
/// Gives what the function returns (owned), or null with the exception set.
pub const EXIT: &str = "nl_exit";

/// `i32 nl_island(ptr ctx, i32 island, ptr in, ptr out)`: runs a piece of the function in Python. 0: `out` is filled as
/// declared. 1: it raised, the exception is set. 2: a result has another type than declared; `out` then has owned
/// objects, one slot a result.
pub const ISLAND: &str = "nl_island";

/// `i32 nl_alloc(ptr ctx, i32 scalar, i32 rank, ptr shape, i32 fill, ptr out)`: a new `numpy.ndarray`, C-contiguous unless
/// the bits of `fill` behind the fourth say in which order its axes lie, whose
/// slots are written to `out`. `scalar` counts [`crate::Scalar`] from 0; `fill` is 0 for none, 1 for zeros.
/// 1: there is no memory or an extent is negative; the exception is set.
pub const ALLOC: &str = "nl_alloc";

/// `void nl_retain(ptr object)`; null is allowed.
pub const RETAIN: &str = "nl_retain";

/// `void nl_release(ptr ctx, ptr object)`; null is allowed.
pub const RELEASE: &str = "nl_release";

/// `void nl_fp_begin(ptr ctx)`: from here on the processor's floating-point status is watched.
pub const FP_BEGIN: &str = "nl_fp_begin";

/// `void nl_fp_pause(ptr ctx)`: up to here.
pub const FP_PAUSE: &str = "nl_fp_pause";

/// `void nl_fp_look(ptr ctx, i64 sites)`: what the status says happened at one of these sites (a bit each).
pub const FP_LOOK: &str = "nl_fp_look";

/// `void nl_fp_noted(ptr ctx, i64 noted)`: events that compiled code noted itself ([`crate::event_bits`]), which is
/// about to be left.
pub const FP_NOTED: &str = "nl_fp_noted";

/// `i32 nl_fp_end(ptr ctx, i64 noted)`: what the status said, and what was noted, becomes what `np.errstate` asks for.
/// 1: it raised, the exception is set.
pub const FP_END: &str = "nl_fp_end";

/// Bits of floating-point events, as NumPy counts them.
pub mod event {
    pub const DIVIDE: i32 = 1;
    pub const OVER: i32 = 2;
    pub const UNDER: i32 = 4;
    pub const INVALID: i32 = 8;
}

/// `i32 nl_enter(ptr ctx, i64 around)`: counts calls of compiled functions by others, as Python counts its own: more than
/// `around`, some ahead. See [`context`]. 1: there are too many, `RecursionError` is set; or too little is left of the stack, and nothing is.
pub const ENTER: &str = "nl_enter";

/// `i32 nl_without_stack(ptr ctx, i32 version, ptr args, ptr rets)`: what a call of the entry (version -1) or of a version
/// would do that [`ENTER`] refused: by Python's function, or by raising.
pub const WITHOUT_STACK: &str = "nl_without_stack";

/// `void nl_raised(ptr ctx)`: a function that was called has raised; the function that called it is left, and raises it
/// again at its own statement.
pub const RAISED: &str = "nl_raised";

/// `i32 nl_take(ptr ctx, i32 box, ptr object, ptr out)`: an object (owned) into slots that own what they hold. 0: it does
/// not look like that, and stays the caller's.
pub const TAKE: &str = "nl_take";

/// How deep compiled functions have called each other: words of `ctx`, in bytes from its beginning. While the depth is
/// less than what is counted a call need not ask [`ENTER`].
pub mod context {
    pub const DEPTH: usize = 8;
    pub const COUNTED: usize = 16;
}

/// `i32 nl_signals(ptr ctx)`: runs the handlers of signals that wait. 1: one of them raised; the function is left at once.
pub const SIGNALS: &str = "nl_signals";

/// `void nl_raise(ptr ctx, i32 frame)`: raises what a handler raised at the statement of a frame.
pub const RAISE: &str = "nl_raise";

/// `i32 nl_parallel(ptr ctx, void (ptr env, i64 lo, i64 hi) *body, ptr env, i64 count, double work, i32 how)`: runs a body
/// for all of `0..count`, in any order, on as many threads as the work (nanoseconds that it is estimated to take) is worth;
/// `how` is made of what [`launch`] has. The body calls nothing of these. The interpreter's lock may be let go meanwhile.
/// 1: it was allowed to stop, and the handler of a signal raised, as for [`SIGNALS`]; not all was run.
pub const PARALLEL: &str = "nl_parallel";

/// How a loop is launched.
pub mod launch {
    /// It may stop between iterations where the handler of a signal raises.
    pub const MAY_STOP: i32 = 1;
    /// The program asked for it: a worker is woken for little work, too.
    pub const ASKED: i32 = 2;
    /// Whatever it costs.
    pub const ALWAYS: i32 = 4;
}

/// `void nl_unlock(ptr ctx)`: lets the interpreter's lock go, for a loop that calls nothing of these and may take long.
pub const UNLOCK: &str = "nl_unlock";

/// `void nl_lock(ptr ctx)`: takes it again; nothing where it was not let go.
pub const LOCK: &str = "nl_lock";

/// `void nl_status_clear()`: forgets the events of the processor, in a loop that several threads run.
pub const STATUS_CLEAR: &str = "nl_status_clear";

/// `i32 nl_status()`: the events since then, as [`event`] has them.
pub const STATUS: &str = "nl_status";

/// `i32 nl_apart(ptr words, i64 count)`: whether memory is as a launch needs it. Words of 64 bits, test by test: 1 and
/// an array no two elements of which may share memory, or 2 and two arrays that may share none. An array is its rank,
/// the size of an element, the address of element 0, extents, strides in bytes. 0: it is not.
pub const APART: &str = "nl_apart";

/// `i32 nl_forced()`: 1 where tests want compiled code to be left. No text that is emitted calls it; tests put it in.
pub const FORCED: &str = "nl_forced";

/// [`ISLAND`], which may say 2 where tests want that; likewise.
pub const ISLAND_FORCED: &str = "nl_island_forced";

/// `void nl_matmul_…(ptr args, ptr dimensions, ptr steps, ptr data)`: the loops of `np.matmul`, as a ufunc calls them:
/// addresses of the operands and the result, `[1, m, n, p]`, three steps of an outer loop that has one iteration, then the
/// strides of the operands and of the result; no data.
pub const MATMUL: [(&str, Scalar); 4] = [
    ("nl_matmul_f32", Scalar::F32),
    ("nl_matmul_f64", Scalar::F64),
    ("nl_matmul_c64", Scalar::C64),
    ("nl_matmul_c128", Scalar::C128),
];

/// `void nl_dot_…(ptr a, i64 step, ptr b, i64 step, ptr out, i64 n, ptr)`: what NumPy's dtypes have for products of two
/// vectors, which the loops above call for them: addresses, strides in bytes and how many there are; no array.
pub const DOT: [(&str, Scalar); 4] = [
    ("nl_dot_f32", Scalar::F32),
    ("nl_dot_f64", Scalar::F64),
    ("nl_dot_c64", Scalar::C64),
    ("nl_dot_c128", Scalar::C128),
];

/// `double nl_ufunc(ptr ctx, i32 number, double a, double b)`: one of [`UFUNCS`] by NumPy's own loop, as for one number;
/// `b` means nothing to those of one operand.
pub const UFUNC: &str = "nl_ufunc";

/// The ufuncs that [`UFUNC`] knows, with the number of operands.
pub const UFUNCS: [(&str, usize); 22] = [
    ("exp", 1),
    ("exp2", 1),
    ("expm1", 1),
    ("log", 1),
    ("log2", 1),
    ("log10", 1),
    ("log1p", 1),
    ("sin", 1),
    ("cos", 1),
    ("tan", 1),
    ("arcsin", 1),
    ("arccos", 1),
    ("arctan", 1),
    ("arctan2", 2),
    ("sinh", 1),
    ("cosh", 1),
    ("tanh", 1),
    ("arcsinh", 1),
    ("arccosh", 1),
    ("arctanh", 1),
    ("cbrt", 1),
    ("hypot", 2),
];

/// `i32 nl_draw(ptr ctx, i32 number, ptr generator, ptr place, ptr in, ptr out)`: one number of [`crate::draws`], by that
/// number, of a generator whose slots are handed over (null: that of the library). 1: it cannot be drawn without Python's
/// help, and nothing was.
pub const DRAW: &str = "nl_draw";

/// `i32 nl_draw_array(ptr ctx, i32 number, ptr generator, ptr place, ptr in, i32 rank, ptr shape, ptr out)`: likewise an
/// array full of them, whose slots are written.
pub const DRAW_ARRAY: &str = "nl_draw_array";

/// `i32 nl_int(ptr object, ptr out)`: the value of an int to `out`. 0: it does not fit.
pub const INT: &str = "nl_int";

/// `i32 nl_unbox(ptr ctx, i32 box, ptr object, ptr slots)`: 1 if the object looks like this [`crate::Spec::boxes`]; its
/// slots are filled then, with references that are borrowed.
pub const UNBOX: &str = "nl_unbox";

/// `ptr nl_box(ptr ctx, i32 box, ptr slots)`: the object of a value (owned), or null with the exception set.
pub const BOX: &str = "nl_box";

/// `ptr nl_box_float(double)`, `ptr nl_box_int(i64)`: likewise.
pub const BOX_FLOAT: &str = "nl_box_float";
pub const BOX_INT: &str = "nl_box_int";

/// `ptr nl_list(i64 length)`: a new list whose items are null, to be set before anything else happens; or null with the
/// exception set.
pub const LIST: &str = "nl_list";

/// `i32 nl_list_append(ptr list, ptr object)`: takes the object over. 1: there is no memory, the exception is set.
pub const LIST_APPEND: &str = "nl_list_append";

/// `void nl_list_set(ptr list, i64 index, ptr object)`: puts an object, which is taken over, in the place of another one.
pub const LIST_SET: &str = "nl_list_set";

/// `void nl_list_shorten(ptr list)`: takes the last item out, which is there.
pub const LIST_SHORTEN: &str = "nl_list_shorten";

/// `ptr nl_list_repeat(ptr list, i64 times)`: a new list, or null with the exception set.
pub const LIST_REPEAT: &str = "nl_list_repeat";

/// `ptr nl_buffer(ptr ctx, i32 box, i64 room)`: a new list of compiled code's own for elements like one of
/// [`crate::Spec::boxes`], with room for so many; null: there is no memory, the exception is set.
pub const BUFFER: &str = "nl_buffer";

/// `i32 nl_buffer_grow(ptr buffer, i64 more)`: makes room for more elements behind the last. 1: there is no memory.
pub const BUFFER_GROW: &str = "nl_buffer_grow";

/// `i32 nl_buffer_open(ptr buffer, i64 at)`: makes room for one element in front of another one, or behind the last; the
/// element's slots are to be written before anything else happens. 1: there is no memory.
pub const BUFFER_OPEN: &str = "nl_buffer_open";

/// `void nl_buffer_close(ptr buffer, i64 at)`: takes an element out whose references belong to the caller.
pub const BUFFER_CLOSE: &str = "nl_buffer_close";

/// `void nl_buffer_clear(ptr buffer)`: takes all elements out.
pub const BUFFER_CLEAR: &str = "nl_buffer_clear";

/// `ptr nl_buffer_part(ptr buffer, i64 start, i64 count, i64 step)`: a new one of elements that there are, or null.
pub const BUFFER_PART: &str = "nl_buffer_part";

/// `i32 nl_buffer_replace(ptr buffer, i64 start, i64 count, ptr other)`: puts the elements of another one, or of itself, in
/// the place of so many. 1: there is no memory.
pub const BUFFER_REPLACE: &str = "nl_buffer_replace";

/// `ptr nl_buffer_repeat(ptr buffer, i64 times)`: a new one, or null.
pub const BUFFER_REPEAT: &str = "nl_buffer_repeat";

/// `void nl_buffer_reverse(ptr buffer)`.
pub const BUFFER_REVERSE: &str = "nl_buffer_reverse";

/// `i32 nl_buffer_sort(ptr buffer, i32 reverse)`: as `list.sort` does. 1: it cannot be said without the objects (NaNs),
/// nothing was changed.
pub const BUFFER_SORT: &str = "nl_buffer_sort";

/// `i64 nl_buffer_extreme(ptr buffer, i32 is_max)`: the place of the element that `min` or `max` gives; -1: as above, or
/// there is none.
pub const BUFFER_EXTREME: &str = "nl_buffer_extreme";

/// `i64 nl_buffer_find(ptr buffer, ptr slots, i64 from)`: the place of the first element from there on that is equal; -1:
/// there is none, -2: it cannot be said without the objects.
pub const BUFFER_FIND: &str = "nl_buffer_find";

/// `void nl_buffer_queue(ptr buffer)`: Python gets a `collections.deque` of it.
pub const BUFFER_QUEUE: &str = "nl_buffer_queue";

/// `i32 nl_buffer_heap(ptr buffer, i32 what, ptr slots)`: what `heapq` does, by its number in [`heap`], with the item in
/// the slots, which are the result's afterwards. 1: there is no memory, the exception is set; 2: it cannot be said without
/// the objects, or there is no element; nothing was changed.
pub const BUFFER_HEAP: &str = "nl_buffer_heap";

/// What [`BUFFER_HEAP`] does.
pub mod heap {
    pub const HEAPIFY: i32 = 0;
    pub const PUSH: i32 = 1;
    pub const POP: i32 = 2;
    pub const PUSH_POP: i32 = 3;
    pub const REPLACE: i32 = 4;
}

/// `i64 nl_buffer_count(ptr buffer, ptr slots)`: how many elements are equal; -2: as above.
pub const BUFFER_COUNT: &str = "nl_buffer_count";

/// `i32 nl_buffer_sum(ptr buffer, ptr out)`: what `sum` gives, of ints or of floats of which there are some. 1: it does not
/// fit.
pub const BUFFER_SUM: &str = "nl_buffer_sum";

/// `i32 nl_buffer_array(ptr ctx, ptr buffer, i32 scalar, i32 rank, ptr out)`: what `numpy.array` makes of it. 1: there is
/// no memory, the exception is set; 2: it makes something else.
pub const BUFFER_ARRAY: &str = "nl_buffer_array";

/// Where a list of compiled code's own has what compiled code reads and writes, in bytes.
pub mod buffer {
    /// The address of the first element.
    pub const DATA: usize = 16;
    /// The number of elements.
    pub const LENGTH: usize = 24;
    /// How many elements there is room for.
    pub const ROOM: usize = 32;
}

/// Objects whose addresses lie in a table, the address of which is the first word of `ctx`: types, then `None`, `False`
/// and `True`, then the types of NumPy's scalars in the order of [`Scalar::ALL`].
pub mod object {
    use crate::Scalar;

    pub const FLOAT: usize = 0;
    pub const INT: usize = 1;
    pub const COMPLEX: usize = 2;
    pub const LIST: usize = 3;
    pub const NONE: usize = 4;
    pub const FALSE: usize = 5;
    pub const TRUE: usize = 6;
    pub const SCALARS: usize = 7;
    pub const COUNT: usize = SCALARS + Scalar::ALL.len();
}

/// Where CPython keeps what compiled code reads of objects, in bytes.
pub mod layout {
    /// The type of any object.
    pub const TYPE: usize = 8;
    /// The value of a float, the real part of a complex number, the value of a NumPy scalar.
    pub const VALUE: usize = 16;
    /// The length of a list.
    pub const LENGTH: usize = 16;
    /// The address of a list's items.
    pub const ITEMS: usize = 24;
}

/// Every function above but those of NumPy.
pub const ALL: &[&str] = &[
    EXIT,
    ISLAND,
    ALLOC,
    RETAIN,
    RELEASE,
    FP_BEGIN,
    FP_PAUSE,
    FP_LOOK,
    FP_NOTED,
    FP_END,
    ENTER,
    WITHOUT_STACK,
    SIGNALS,
    RAISE,
    RAISED,
    TAKE,
    PARALLEL,
    UNLOCK,
    LOCK,
    STATUS_CLEAR,
    STATUS,
    APART,
    INT,
    UNBOX,
    BOX,
    BOX_FLOAT,
    BOX_INT,
    LIST,
    LIST_APPEND,
    LIST_SET,
    LIST_SHORTEN,
    LIST_REPEAT,
    BUFFER,
    BUFFER_GROW,
    BUFFER_OPEN,
    BUFFER_CLOSE,
    BUFFER_CLEAR,
    BUFFER_PART,
    BUFFER_REPLACE,
    BUFFER_REPEAT,
    BUFFER_REVERSE,
    BUFFER_SORT,
    BUFFER_EXTREME,
    BUFFER_FIND,
    BUFFER_COUNT,
    BUFFER_QUEUE,
    BUFFER_HEAP,
    BUFFER_SUM,
    BUFFER_ARRAY,
    UFUNC,
    DRAW,
    DRAW_ARRAY,
];

/// Functions of the C library that LLVM may call for loops that it recognizes.
pub const MEMORY: [&str; 5] = ["memcpy", "memmove", "memset", "memcmp", "bcmp"];

/// Functions of the C library that compiled code may call where it has none of its own.
pub const MATH: [&str; 8] = ["fmod", "fmodf", "pow", "powf", "lgamma", "tgamma", "erf", "erfc"];
