ALTER TABLE "message_log" ADD COLUMN "session_ref" text;--> statement-breakpoint
CREATE INDEX "message_log_led_id" ON "message_log" USING btree ("led_id") WHERE "message_log"."led_id" is not null;--> statement-breakpoint
CREATE INDEX "message_log_session_ref" ON "message_log" USING brin ("session_ref" text_bloom_ops(n_distinct_per_range=256)) WITH (pages_per_range=32);