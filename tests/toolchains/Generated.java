package javax.annotation;

/** The one annotation that Java left out after 8 and that the generated client still writes. */
public @interface Generated {
    String[] value();

    String date() default "";

    String comments() default "";
}
