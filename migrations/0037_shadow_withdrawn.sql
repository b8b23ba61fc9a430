CREATE TABLE "shadow_told" (
	"platform_id" text NOT NULL,
	"party" text NOT NULL,
	"chain_key" text NOT NULL,
	"hidden_by" bigint NOT NULL,
	CONSTRAINT "shadow_told_platform_id_party_chain_key_pk" PRIMARY KEY("platform_id","party","chain_key")
);
--> statement-breakpoint
ALTER TABLE "shadow" ADD COLUMN "hidden_by" bigint;--> statement-breakpoint
ALTER TABLE "shadow" ADD COLUMN "hidden_at" bigint;--> statement-breakpoint
ALTER TABLE "shadow_told" ADD CONSTRAINT "shadow_told_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;