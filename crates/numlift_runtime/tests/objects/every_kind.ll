; Every kind of section and relocation that compiled functions have.
@table = internal unnamed_addr constant [3 x ptr] [ptr @counted, ptr @outside, ptr @table]
@count = internal global i64 40
@zeros = internal global [100 x i64] zeroinitializer, align 64
@shared = common global i64 0, align 8
@datum = external global i64
declare i64 @outside(i64)

; A constant pool and a call that leaves the object.
define i64 @calls(i64 %x) nounwind {
  %f = sitofp i64 %x to double
  %g = fmul double %f, 1.5
  %i = fptosi double %g to i64
  %r = call i64 @outside(i64 %i)
  ret i64 %r
}

; Data that is written to, data outside through the table of addresses, common data.
define i64 @counted(i64 %x) nounwind {
  %c = load i64, ptr @count
  %d = add i64 %c, %x
  store i64 %d, ptr @count
  %e = load i64, ptr @datum
  %s = load i64, ptr @shared
  %s1 = add i64 %s, 1
  store i64 %s1, ptr @shared
  %de = add i64 %d, %e
  %r = add i64 %de, %s1
  ret i64 %r
}

; Constant data full of addresses.
define i64 @entry_of_table(i64 %at) nounwind {
  %p = getelementptr [3 x ptr], ptr @table, i64 0, i64 %at
  %q = load ptr, ptr %p
  %i = ptrtoint ptr %q to i64
  ret i64 %i
}

; Zeros on a border of 64 bytes.
define i64 @address_of_zeros(i64 %at) nounwind {
  %p = getelementptr [100 x i64], ptr @zeros, i64 0, i64 %at
  %v = load i64, ptr %p
  %i = ptrtoint ptr %p to i64
  %r = add i64 %i, %v
  ret i64 %r
}

; A table of jumps.
define i64 @switched(i64 %x) nounwind {
  switch i64 %x, label %other [
    i64 0, label %a
    i64 1, label %b
    i64 2, label %c
    i64 3, label %d
    i64 4, label %e
  ]
a:
  %va = call i64 @calls(i64 2)
  ret i64 %va
b:
  store i64 7, ptr @count
  ret i64 77
c:
  %vc = call i64 @calls(i64 20)
  ret i64 %vc
d:
  store i64 9, ptr @count
  ret i64 %x
e:
  %ve = call i64 @outside(i64 3)
  ret i64 %ve
other:
  ret i64 5
}
