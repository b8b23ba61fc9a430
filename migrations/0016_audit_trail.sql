CREATE TABLE "audit" (
	"number" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" bigint NOT NULL,
	"author_name" text NOT NULL,
	"author_id" text,
	"way" text NOT NULL,
	"address" text NOT NULL,
	"action" text NOT NULL,
	"on_kind" text NOT NULL,
	"on_id" text NOT NULL,
	"on_name" text,
	"platform_id" text,
	"before" json,
	"after" json,
	"reason" text
);
--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_platform" ON "audit" USING btree ("platform_id","number");